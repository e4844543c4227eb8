package io.bobbinet.testkit;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.net.BindException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/** A failure is told once, and the socket is as good as before. */
final class DatagramErrorChecks {
    private DatagramErrorChecks() {}

    static void addTo(BackendContract contract) {
        contract.addForDatagrams("datagramThatIsTooLongIsRefused", DatagramErrorChecks::tooLong);
        contract.addForUdp("unreachablePortIsToldOnce", DatagramErrorChecks::unreachablePortIsToldOnce);
        contract.addForUdp("unreachablePortEndsAReceiveThatWaits", DatagramErrorChecks::unreachableEndsAReceive);
        contract.addForUdp("unreachablePortIsNoMatterForOthers", DatagramErrorChecks::unreachableUnconnected);
        contract.addFor(DatagramKind.UNIX, "sendToNobodyIsRefused", DatagramErrorChecks::sendToNobodyIsRefused);
        contract.addFor(DatagramKind.UNIX, "peerThatIsGoneIsTold", DatagramErrorChecks::peerThatIsGoneIsTold);
        contract.addForDatagrams("addressInUseIsABindException", DatagramErrorChecks::addressInUse);
    }

    private static void tooLong(DatagramSetting s) throws IOException, InterruptedException {
        ByteBuffer tooLong = ByteBuffer.allocate(s.kind.tooLong());
        for (DatagramSetting.Pair pair : new DatagramSetting.Pair[] {s.pair(), s.connected()}) {
            SocketAddress target = pair.other().localAddress();
            Expect.failure(SocketException.class, () -> pair.one().send(tooLong, target));
            pair.send(1);
            pair.expect(1);
        }
        DatagramSetting.Pair pair = s.connected();
        Expect.failure(SocketException.class, () -> pair.one().send(tooLong));
        Expect.value(tooLong.remaining(), s.kind.tooLong(), "What remains in the buffer");
        pair.send(2);
        pair.expect(2);
    }

    /** A socket that is connected to where nobody receives, and has sent there: there is a failure to be told. */
    private static DatagramHandle disappointed(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle handle = s.bound();
        handle.connect(s.deserted());
        disappoint(handle);
        return handle;
    }

    private static void disappoint(DatagramHandle handle) throws IOException, InterruptedException {
        handle.send(DatagramSetting.data(1));
        handle.awaitReadable();
    }

    private static void unreachablePortIsToldOnce(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle handle = disappointed(s);
        DatagramVector batch = new DatagramVector(2, 10);
        toldOnce(s, handle, () -> handle.receive(10));
        toldOnce(s, handle, () -> handle.receive(batch));
        Expect.value(batch.size(), 0, "The size of the batch after the failure");
        toldOnce(s, handle, () -> handle.send(DatagramSetting.data(2)));
        toldOnce(s, handle, () -> handle.send(DatagramSetting.data(2), handle.remoteAddress()));
        DatagramVector toSend = new DatagramVector(1, 10);
        toSend.add(0, 5, 5);
        toldOnce(s, handle, () -> handle.send(toSend));
        Expect.value(toSend.position(), 0, "The position of the batch after the failure");
    }

    /** The call tells it; then somebody comes to the address, and hears all that is sent and is heard. */
    private static void toldOnce(DatagramSetting s, DatagramHandle handle, ThrowingRunnable<?> call)
            throws IOException, InterruptedException {
        Expect.failure(PortUnreachableException.class, call);
        DatagramHandle peer = s.open();
        peer.bind(handle.remoteAddress());
        Background<SystemDatagram> receive = s.start(() -> handle.receive(10));
        receive.awaitBlocked(); // not told again
        handle.send(DatagramSetting.data(3));
        Expect.value(peer.receive(10).data(), new byte[] {3}, "What came after the failure, the first thing sent");
        peer.send(DatagramSetting.data(4), handle.localAddress());
        Expect.value(receive.value().data(), new byte[] {4}, "What is received after the failure");
        peer.close();
        disappoint(handle);
    }

    private static void unreachableEndsAReceive(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle handle = s.bound();
        handle.connect(s.deserted());
        DatagramVector batch = new DatagramVector(2, 10);
        endsBySend(s, handle, () -> handle.receive(10));
        endsBySend(s, handle, () -> handle.receive(batch));
    }

    private static void endsBySend(DatagramSetting s, DatagramHandle handle, ThrowingRunnable<?> receive)
            throws IOException, InterruptedException {
        Background<Boolean> waiter = s.start(() -> {
            receive.run();
            return true;
        });
        waiter.awaitBlocked();
        handle.send(DatagramSetting.data(1));
        waiter.failure(PortUnreachableException.class);
        Expect.that(handle.isOpen(), "The handle must stay open");
    }

    /** Whoever is not connected hears nothing of it. */
    private static void unreachableUnconnected(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        SocketAddress deserted = s.deserted();
        for (int i = 0; i < 5; i++) {
            pair.one().send(DatagramSetting.data(i), deserted);
        }
        pair.turned().send(1);
        pair.turned().expect(1);
        pair.send(2);
        pair.expect(2);
    }

    private static void sendToNobodyIsRefused(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        SocketAddress deserted = s.deserted(); // the file is there, the socket is not
        SocketAddress nowhere = s.freeAddress();
        for (SocketAddress target : new SocketAddress[] {deserted, nowhere}) {
            Expect.failure(IOException.class, () -> pair.one().send(DatagramSetting.data(1), target));
            Expect.failure(IOException.class, () -> s.open().connect(target));
        }
        pair.send(1);
        pair.expect(1);
    }

    private static void peerThatIsGoneIsTold(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.connected();
        pair.send(1);
        pair.other().close();
        Expect.failure(IOException.class, () -> pair.one().send(DatagramSetting.data(2)));
        Expect.that(pair.one().isOpen(), "The handle must stay open");
        Background<SystemDatagram> receive = s.start(() -> pair.one().receive(10));
        receive.awaitBlocked(); // nothing more to be told
        pair.one().close();
        receive.failure(ClosedChannelException.class);
    }

    private static void addressInUse(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        DatagramHandle late = s.open();
        Expect.failure(BindException.class, () -> late.bind(pair.other().localAddress()));
        late.bind(s.freeAddress());
        DatagramSetting.Pair other = new DatagramSetting.Pair(late, pair.other());
        other.send(1);
        other.expect(1);
    }
}

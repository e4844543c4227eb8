package io.bobbinet.testkit;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** A close ends every call and every later one, and releases the descriptor. */
final class DatagramCloseChecks {
    private DatagramCloseChecks() {}

    static void addTo(BackendContract contract) {
        contract.addForDatagrams("closeEndsAReceiveOfADatagram", DatagramCloseChecks::closeEndsAReceive);
        contract.addForDatagrams("everyCallAfterACloseOfADatagramSocketFails", DatagramCloseChecks::callsAfterAClose);
        contract.addForDatagrams("closeWinsOverDatagramsThatAreThere", DatagramCloseChecks::closeWins);
        contract.addForDatagrams("closeReleasesADatagramSocket", DatagramCloseChecks::closeReleases);
        contract.addForDatagrams(
                "everyConcurrentCloseOfADatagramSocketReturnsAfterTheRelease", DatagramCloseChecks::concurrent);
    }

    private static Background<Boolean> start(DatagramSetting s, ThrowingRunnable<?> body) {
        return s.start(() -> {
            body.run();
            return true;
        });
    }

    private static void closeEndsAReceive(DatagramSetting s) throws IOException, InterruptedException {
        DatagramVector batch = new DatagramVector(2, 10);
        for (int i = 0; i < 6; i++) {
            DatagramHandle handle = i % 2 == 0 ? s.bound() : s.connected().one();
            Background<Boolean> waiter = start(
                    s,
                    switch (i / 2) {
                        case 0 -> () -> handle.receive(10);
                        case 1 -> () -> handle.receive(batch);
                        default -> handle::awaitReadable;
                    });
            waiter.awaitBlocked();
            handle.close();
            waiter.failure(ClosedChannelException.class);
            Expect.value(batch.size(), 0, "The size of the batch");
        }
    }

    private static void callsAfterAClose(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.connected();
        SocketAddress target = pair.other().localAddress();
        DatagramVector batch = new DatagramVector(2, 10);
        DatagramVector toSend = new DatagramVector(2, 10);
        toSend.add(0, 1, 1);
        DatagramHandle handle = pair.one();
        handle.close();
        List<ThrowingRunnable<?>> calls = List.of(
                () -> handle.receive(10),
                () -> handle.receive(batch),
                handle::awaitReadable,
                () -> handle.send(DatagramSetting.data(1)),
                () -> handle.send(DatagramSetting.data()),
                () -> handle.send(DatagramSetting.data(1), target),
                () -> handle.send(toSend),
                () -> handle.bind(s.freeAddress()),
                () -> handle.connect(target),
                () -> handle.setOption(StandardSocketOptions.SO_RCVBUF, 10_000),
                () -> handle.getOption(StandardSocketOptions.SO_RCVBUF));
        for (ThrowingRunnable<?> call : calls) {
            Expect.failure(ClosedChannelException.class, call);
        }
        Expect.value(toSend.position(), 0, "The position");
        for (int i = 0; i < 3; i++) {
            handle.close();
            Expect.that(!handle.isOpen(), "It is closed");
        }
    }

    private static void closeWins(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        pair.send(1);
        pair.send(2);
        pair.expect(1);
        pair.other().close();
        Expect.failure(ClosedChannelException.class, () -> pair.other().receive(10));
    }

    /** A handle whose descriptor is known: the one that appears. */
    private record Known(DatagramHandle handle, Set<String> sockets) {

        static Known open(DatagramSetting s) throws IOException {
            Set<String> before = Descriptors.sockets();
            DatagramHandle handle = s.bound();
            Set<String> after = Descriptors.sockets();
            after.removeAll(before);
            return new Known(handle, after);
        }

        void close() throws IOException {
            handle.close();
            Set<String> now = Descriptors.sockets();
            Expect.that(
                    sockets.stream().noneMatch(now::contains),
                    "The close has returned and the descriptor is still open");
        }
    }

    private static void closeReleases(DatagramSetting s) throws IOException {
        for (int i = 0; i < 10; i++) {
            Known.open(s).close();
            Known waited = Known.open(s);
            Background<Boolean> receive = start(s, () -> waited.handle().receive(1));
            receive.awaitBlocked();
            if (i % 2 == 0) {
                receive.interrupt();
                receive.failure(InterruptedException.class);
            }
            waited.close();
            receive.failure(Exception.class);
            Known connected = Known.open(s);
            connected.handle().connect(s.bound().localAddress());
            connected.close();
        }
    }

    private static void concurrent(DatagramSetting s) throws IOException, InterruptedException {
        for (int i = 0; i < 20; i++) {
            Known known = Known.open(s);
            Background<Boolean> receive = start(s, () -> known.handle().receive(1));
            if (s.random.nextBoolean()) {
                receive.awaitBlocked();
            }
            CountDownLatch go = new CountDownLatch(1);
            Background<?>[] closers = new Background<?>[3];
            for (int k = 0; k < closers.length; k++) {
                closers[k] = start(s, () -> {
                    go.await();
                    Thread.currentThread().interrupt();
                    known.close();
                    Expect.that(Thread.interrupted(), "A close must leave the interrupt status");
                });
            }
            go.countDown();
            for (Background<?> closer : closers) {
                closer.value();
            }
            receive.failure(ClosedChannelException.class);
        }
    }
}

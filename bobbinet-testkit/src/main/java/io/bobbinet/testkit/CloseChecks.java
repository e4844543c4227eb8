package io.bobbinet.testkit;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicLong;

/** A close ends every call and every later one. */
final class CloseChecks {
    private CloseChecks() {}

    static void addTo(BackendContract contract) {
        contract.add("closeEndsABlockedRead", CloseChecks::closeEndsABlockedRead);
        contract.add("closeEndsABlockedWrite", CloseChecks::closeEndsABlockedWrite);
        contract.add("closeEndsReaderAndWriterAtOnce", CloseChecks::closeEndsReaderAndWriterAtOnce);
        contract.add("closeEndsABlockedAccept", CloseChecks::closeEndsABlockedAccept);
        contract.add("closeEndsAConnect", CloseChecks::closeEndsAConnect);
        contract.add("everyCallAfterACloseFails", CloseChecks::everyCallAfterACloseFails);
        contract.add("closeIsIdempotent", CloseChecks::closeIsIdempotent);
        contract.add("closeWinsOverDataThatIsThere", CloseChecks::closeWinsOverDataThatIsThere);
        contract.add("peerSeesTheEndAfterAClose", CloseChecks::peerSeesTheEndAfterAClose);
    }

    private static Background<Boolean> start(Setting s, ThrowingRunnable<?> body) {
        return s.start(() -> {
            body.run();
            return true;
        });
    }

    private static void closeEndsABlockedRead(Setting s) throws IOException, InterruptedException {
        StreamHandle first = s.link().handle();
        StreamHandle second = s.link().handle();
        StreamHandle third = s.link().handle();
        Background<Boolean> read = start(s, () -> first.read(10));
        Background<Boolean> other = start(s, () -> second.read(ByteBuffer.allocate(10)));
        Background<Boolean> wait = start(s, third::awaitReadable);
        read.awaitBlocked();
        other.awaitBlocked();
        wait.awaitBlocked();
        first.close();
        second.close();
        third.close();
        read.failure(ClosedChannelException.class);
        other.failure(ClosedChannelException.class);
        wait.failure(ClosedChannelException.class);
    }

    private static void closeEndsABlockedWrite(Setting s) throws IOException, InterruptedException {
        StreamHandle first = s.link().handle();
        StreamHandle second = s.link().handle();
        Background<Boolean> write = WriteChecks.writeEndlessly(s, first, new Pattern(1), new AtomicLong());
        Background<Boolean> gather = start(s, () -> {
            while (true) {
                second.write(new ByteBuffer[] {ByteBuffer.allocate(10_000), ByteBuffer.allocateDirect(10_000)}, 0, 2);
            }
        });
        write.awaitBlocked();
        gather.awaitBlocked();
        first.close();
        second.close();
        write.failure(ClosedChannelException.class);
        gather.failure(ClosedChannelException.class);
    }

    private static void closeEndsReaderAndWriterAtOnce(Setting s) throws IOException, InterruptedException {
        StreamHandle handle = s.link().handle();
        Background<Boolean> read = start(s, () -> handle.read(10));
        Background<Boolean> write = WriteChecks.writeEndlessly(s, handle, new Pattern(2), new AtomicLong());
        read.awaitBlocked();
        write.awaitBlocked();
        handle.close();
        read.failure(ClosedChannelException.class);
        write.failure(ClosedChannelException.class);
    }

    private static void closeEndsABlockedAccept(Setting s) throws IOException {
        ListenerHandle listener = s.listen(1);
        Background<Boolean> accept = start(s, listener::accept);
        accept.awaitBlocked();
        listener.close();
        accept.failure(ClosedChannelException.class);
    }

    private static void closeEndsAConnect(Setting s) throws IOException {
        var target = Transport.toSpi(s.fullListener().getLocalAddress());
        StreamHandle handle = s.open();
        Background<Boolean> connect = start(s, () -> handle.connect(target));
        connect.awaitBlocked();
        handle.close();
        connect.failure(ClosedChannelException.class);
    }

    private static void everyCallAfterACloseFails(Setting s) throws IOException, InterruptedException {
        StreamHandle handle = s.link().handle();
        handle.close();
        ByteBuffer one = ByteBuffer.allocate(1);
        Expect.failure(ClosedChannelException.class, () -> handle.read(one));
        Expect.failure(ClosedChannelException.class, () -> handle.read(1));
        Expect.failure(ClosedChannelException.class, handle::awaitReadable);
        Expect.failure(ClosedChannelException.class, () -> handle.write(one));
        Expect.failure(ClosedChannelException.class, () -> handle.write(new ByteBuffer[] {one}, 0, 1));
        Expect.failure(ClosedChannelException.class, handle::shutdownWrite);
        Expect.failure(ClosedChannelException.class, () -> handle.bind(Transport.toSpi(s.freeAddress())));
        Expect.value(one.position(), 0, "The position");
        ListenerHandle listener = s.listen(1);
        var address = listener.localAddress();
        listener.close();
        Expect.failure(ClosedChannelException.class, listener::accept);
        Expect.failure(ClosedChannelException.class, () -> listener.listen(Transport.toSpi(s.freeAddress()), 1));
        StreamHandle unused = s.open();
        unused.close();
        Expect.failure(ClosedChannelException.class, () -> unused.connect(address));
    }

    private static void closeIsIdempotent(Setting s) throws IOException, InterruptedException {
        StreamHandle handle = s.link().handle();
        ListenerHandle listener = s.listen(1);
        Expect.that(handle.isOpen() && listener.isOpen(), "They are open");
        for (int i = 0; i < 3; i++) {
            handle.close();
            listener.close();
            Expect.that(!handle.isOpen() && !listener.isOpen(), "They are closed");
        }
    }

    private static void closeWinsOverDataThatIsThere(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        link.send(new byte[] {1, 2});
        link.handle().awaitReadable();
        link.handle().read(1);
        link.handle().close();
        Expect.failure(ClosedChannelException.class, () -> link.handle().read(1));
    }

    private static void peerSeesTheEndAfterAClose(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        link.handle().write(ByteBuffer.wrap(new byte[] {1, 2}));
        link.handle().close();
        Expect.value(link.receive(2), new byte[] {1, 2}, "What was written before the close");
        Expect.value(link.peer().read(ByteBuffer.allocate(1)), -1, "The end at the peer");
    }
}

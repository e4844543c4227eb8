package io.bobbinet.testkit;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.SocketHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.task.ThrowingCallable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** When a close returns the descriptor is gone, whoever closes and whatever else goes on. */
final class ReleaseChecks {
    private ReleaseChecks() {}

    static void addTo(BackendContract contract) {
        contract.add("closeReleasesASocketThatNeverWaited", ReleaseChecks::neverWaited);
        contract.add("closeReleasesASocketThatHasWaited", ReleaseChecks::hasWaited);
        contract.add("closeReleasesUnderBlockedCalls", ReleaseChecks::underBlockedCalls);
        contract.add("closeReleasesAConnectingSocket", ReleaseChecks::connecting);
        contract.add("closeReleasesASocketWhoseConnectFailed", ReleaseChecks::connectFailed);
        contract.add("closeReleasesASocketWhoseConnectWasInterrupted", ReleaseChecks::connectInterrupted);
        contract.add("closeReleasesAListener", ReleaseChecks::listener);
        contract.add("closeReleasesWithTheInterruptStatusSet", ReleaseChecks::withTheInterruptStatusSet);
        contract.add("everyConcurrentCloseReturnsAfterTheRelease", ReleaseChecks::concurrentCloses);
    }

    /** A handle whose socket is known. */
    private record Known<H extends SocketHandle>(H handle, Set<String> sockets) {

        /** Opens a handle and finds out which socket is its own: the one that appears. */
        static <H extends SocketHandle> Known<H> open(ThrowingCallable<H, IOException> open) throws IOException {
            Set<String> before = Descriptors.sockets();
            H handle = open.call();
            Set<String> after = Descriptors.sockets();
            after.removeAll(before);
            Expect.that(!after.isEmpty() || !Descriptors.areVisible(), "No socket appeared");
            return new Known<>(handle, after);
        }

        void mustBeReleased() throws IOException {
            Set<String> now = Descriptors.sockets();
            Expect.that(
                    sockets.stream().noneMatch(now::contains),
                    "The close has returned and the descriptor is still open");
        }

        void close() throws IOException {
            handle.close();
            mustBeReleased();
        }
    }

    private static Known<StreamHandle> openStream(Setting s) throws IOException {
        return Known.open(s::open);
    }

    /** A connected handle with its peer, which sends nothing. */
    private static Known<StreamHandle> connected(Setting s) throws IOException, InterruptedException {
        var server = s.listenPeer(1);
        Known<StreamHandle> known = openStream(s);
        known.handle().connect(Transport.toSpi(server.getLocalAddress()));
        s.keep(server.accept());
        return known;
    }

    private static void neverWaited(Setting s) throws IOException, InterruptedException {
        openStream(s).close();
        connected(s).close();
    }

    private static void wait(Setting s, StreamHandle handle) {
        Background<byte[]> read = s.start(() -> handle.read(1));
        read.awaitBlocked();
        read.interrupt();
        read.failure(InterruptedException.class);
    }

    private static void hasWaited(Setting s) throws IOException, InterruptedException {
        for (int i = 0; i < 10; i++) {
            Known<StreamHandle> known = connected(s);
            wait(s, known.handle());
            known.close();
        }
    }

    private static void underBlockedCalls(Setting s) throws IOException, InterruptedException {
        for (int i = 0; i < 10; i++) {
            Known<StreamHandle> known = connected(s);
            Background<byte[]> read = s.start(() -> known.handle().read(1));
            Background<Boolean> write = WriteChecks.writeEndlessly(s, known.handle(), new Pattern(1), new AtomicLong());
            read.awaitBlocked();
            if (s.random.nextBoolean()) {
                write.awaitBlocked();
            }
            known.close();
            read.failure(IOException.class);
            write.failure(IOException.class);
        }
    }

    private static Background<Boolean> connect(Setting s, StreamHandle handle, java.net.SocketAddress target) {
        return s.start(() -> {
            handle.connect(Transport.toSpi(target));
            return true;
        });
    }

    private static void connecting(Setting s) throws IOException {
        var target = s.fullListener().getLocalAddress();
        Set<String> before = Descriptors.sockets();
        Known<StreamHandle> known = openStream(s);
        Background<Boolean> connect = connect(s, known.handle(), target);
        connect.awaitBlocked();
        known.close();
        connect.failure(IOException.class);
        nothingIsLeft(before);
    }

    /** A backend may use several sockets for one connect. */
    private static void nothingIsLeft(Set<String> before) throws IOException {
        Set<String> left = Descriptors.sockets();
        left.removeAll(before);
        Expect.that(left.isEmpty(), "The close has returned and descriptors are still open: " + left);
    }

    private static void connectFailed(Setting s) throws IOException {
        var server = s.listenPeer(1);
        var target = server.getLocalAddress();
        server.close();
        Known<StreamHandle> known = openStream(s);
        connect(s, known.handle(), target).failure(IOException.class);
        known.close();
    }

    private static void connectInterrupted(Setting s) throws IOException {
        var target = s.fullListener().getLocalAddress();
        Set<String> before = Descriptors.sockets();
        Known<StreamHandle> known = openStream(s);
        Background<Boolean> connect = connect(s, known.handle(), target);
        connect.awaitBlocked();
        connect.interrupt();
        connect.failure(InterruptedException.class);
        known.close();
        nothingIsLeft(before);
    }

    private static void listener(Setting s) throws IOException {
        Known.open(s::openListener).close();
        Known<ListenerHandle> known = Known.open(s::openListener);
        known.handle().listen(Transport.toSpi(s.freeAddress()), 1);
        Background<StreamHandle> accept = s.start(() -> known.handle().accept());
        accept.awaitBlocked();
        known.close();
        accept.failure(IOException.class);
    }

    private static void withTheInterruptStatusSet(Setting s) throws IOException, InterruptedException {
        Known<StreamHandle> fresh = connected(s);
        Known<StreamHandle> used = connected(s);
        Background<byte[]> read = s.start(() -> used.handle().read(1));
        read.awaitBlocked();
        Background<Boolean> closer = s.start(() -> {
            Thread.currentThread().interrupt();
            fresh.close();
            Expect.that(Thread.currentThread().isInterrupted(), "A close must leave the interrupt status");
            used.handle().close();
            Expect.that(Thread.interrupted(), "A close must leave the interrupt status");
            used.mustBeReleased();
            return true;
        });
        closer.value();
        read.failure(IOException.class);
    }

    private static void concurrentCloses(Setting s) throws IOException, InterruptedException {
        for (int i = 0; i < 20; i++) {
            Known<StreamHandle> known = connected(s);
            if (s.random.nextBoolean()) {
                wait(s, known.handle());
            }
            CountDownLatch go = new CountDownLatch(1);
            Background<?>[] closers = new Background<?>[3];
            for (int k = 0; k < closers.length; k++) {
                closers[k] = s.start(() -> {
                    go.await();
                    known.close();
                    return true;
                });
            }
            go.countDown();
            for (Background<?> closer : closers) {
                closer.value();
            }
        }
    }
}

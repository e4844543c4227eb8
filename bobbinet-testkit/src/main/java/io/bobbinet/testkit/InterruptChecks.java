package io.bobbinet.testkit;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.SocketHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.task.ThrowingCallable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An interrupt ends a wait; the handle is open and usable, and nothing is lost. */
final class InterruptChecks {
    private InterruptChecks() {}

    static void addTo(BackendContract contract) {
        contract.add("interruptEndsARead", InterruptChecks::interruptEndsARead);
        contract.add("interruptEndsAWrite", InterruptChecks::interruptEndsAWrite);
        contract.add("interruptEndsAnAccept", InterruptChecks::interruptEndsAnAccept);
        contract.add("interruptEndsAConnect", InterruptChecks::interruptEndsAConnect);
        contract.add("pendingInterruptEndsEveryWait", InterruptChecks::pendingInterruptEndsEveryWait);
        contract.add("pendingInterruptLosesNoData", InterruptChecks::pendingInterruptLosesNoData);
        contract.add("interruptedReadsLoseNothing", InterruptChecks::interruptedReadsLoseNothing);
        contract.add("interruptedWritesLoseNothing", InterruptChecks::interruptedWritesLoseNothing);
        contract.add("interruptedAcceptsLoseNothing", InterruptChecks::interruptedAcceptsLoseNothing);
    }

    /** Runs into the wait, and is interrupted there. */
    private static void interrupt(Setting s, SocketHandle handle, ThrowingCallable<?, ?> wait) {
        Background<Boolean> waiter = s.start(() -> {
            wait.call();
            return true;
        });
        waiter.awaitBlocked();
        waiter.interrupt();
        waiter.failure(InterruptedException.class);
        Expect.that(!waiter.endedInterrupted(), "InterruptedException must clear the interrupt status");
        Expect.that(handle.isOpen(), "An interrupt must leave the handle open");
    }

    private static void interruptEndsARead(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        StreamHandle handle = link.handle();
        ByteBuffer target = ByteBuffer.allocate(10);
        for (int i = 0; i < 2; i++) {
            interrupt(s, handle, () -> handle.read(10));
            interrupt(s, handle, () -> handle.read(target));
            interrupt(s, handle, () -> {
                handle.awaitReadable();
                return true;
            });
            Expect.value(target.position(), 0, "The position after an interrupted read");
            link.send(new byte[] {1, 2});
            Expect.value(handle.read(10), new byte[] {1, 2}, "What came after the interrupts");
        }
        handle.write(ByteBuffer.wrap(new byte[] {3}));
        Expect.value(link.receive(1), new byte[] {3}, "What went the other way");
    }

    private static void interruptEndsAWrite(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(1);
        AtomicLong written = new AtomicLong();
        for (int i = 0; i < 3; i++) {
            Background<Boolean> writer = WriteChecks.writeEndlessly(s, link.handle(), pattern, written);
            writer.awaitBlocked();
            writer.interrupt();
            writer.failure(InterruptedException.class);
            Expect.that(!writer.endedInterrupted(), "InterruptedException must clear the interrupt status");
            pattern.check(link.receive(10), 10L * i);
        }
        Background<Boolean> rest = s.start(() -> {
            ByteBuffer last = pattern.buffer(written.get(), 1_000);
            while (last.hasRemaining()) {
                link.handle().write(new ByteBuffer[] {last}, 0, 1);
            }
            return true;
        });
        pattern.check(link.receive(Math.toIntExact(written.get() + 1_000 - 30)), 30);
        rest.value();
    }

    private static void interruptEndsAnAccept(Setting s) throws IOException, InterruptedException {
        ListenerHandle listener = s.listen(5);
        for (int i = 0; i < 3; i++) {
            interrupt(s, listener, listener::accept);
        }
        SocketChannel peer = s.connectPeer(listener);
        peer.write(ByteBuffer.wrap(new byte[] {4}));
        Expect.value(s.accept(listener).read(10), new byte[] {4}, "What the connection brought");
    }

    private static void interruptEndsAConnect(Setting s) throws IOException {
        var target = Transport.toSpi(s.fullListener().getLocalAddress());
        StreamHandle handle = s.open();
        Background<Boolean> connect = s.start(() -> {
            handle.connect(target);
            return true;
        });
        connect.awaitBlocked();
        connect.interrupt();
        connect.failure(InterruptedException.class);
        Expect.that(!connect.endedInterrupted(), "InterruptedException must clear the interrupt status");
        handle.close();
    }

    private static void pendingInterruptEndsEveryWait(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        ListenerHandle listener = s.listen(1);
        WriteChecks.writeEndlessly(s, link.handle(), new Pattern(2), new AtomicLong())
                .awaitBlocked();
        StreamHandle writable = s.link().handle();
        endsAtOnce(s, () -> link.handle().read(1));
        endsAtOnce(s, () -> link.handle().read(ByteBuffer.allocate(1)));
        endsAtOnce(s, () -> {
            link.handle().awaitReadable();
            return true;
        });
        endsAtOnce(s, listener::accept);
        endsAtOnce(s, () -> {
            while (true) {
                writable.write(ByteBuffer.allocate(10_000));
            }
        });
        StreamHandle connecting = s.open();
        var target = Transport.toSpi(s.fullListener().getLocalAddress());
        endsAtOnce(s, () -> {
            connecting.connect(target);
            return true;
        });
        Expect.that(link.handle().isOpen() && listener.isOpen() && writable.isOpen(), "The handles must stay open");
    }

    private static void endsAtOnce(Setting s, ThrowingCallable<?, ?> wait) {
        Background<Boolean> waiter = s.start(() -> {
            Thread.currentThread().interrupt();
            wait.call();
            return true;
        });
        waiter.failure(InterruptedException.class);
        Expect.that(!waiter.endedInterrupted(), "InterruptedException must clear the interrupt status");
    }

    /** A call that need not wait may take the data and leave the status, or throw and leave the data. */
    private static void pendingInterruptLosesNoData(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        link.send(new byte[] {1, 2, 3});
        Background<byte[]> read = s.start(() -> {
            Thread.currentThread().interrupt();
            try {
                byte[] taken = link.handle().read(2);
                Expect.that(Thread.interrupted(), "A read that succeeds must leave the interrupt status");
                return taken;
            } catch (InterruptedException e) {
                return link.handle().read(2);
            }
        });
        Expect.value(read.value(), new byte[] {1, 2}, "What was there");
        Expect.value(link.handle().read(2), new byte[] {3}, "The rest");
    }

    /** Interrupts a background body at random moments until it ends, and tells how often. */
    static int pester(Background<?> body, Random random) {
        int count = 0;
        while (!body.isDone()) {
            body.interrupt();
            count++;
            StressChecks.pause(random);
            Thread.yield();
        }
        return count;
    }

    /** Waits for the first interrupt that ends a wait; nothing else can end it, as there is nothing to take yet. */
    static void awaitStrike(AtomicInteger interrupts) {
        long start = System.nanoTime();
        while (interrupts.get() == 0) {
            Expect.that(System.nanoTime() - start < Background.PATIENCE.toNanos(), "No interrupt ends the wait");
            Thread.yield();
        }
    }

    private static void interruptedReadsLoseNothing(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(3);
        int total = 30_000;
        AtomicInteger interrupts = new AtomicInteger();
        Background<Long> reader = s.start(() -> {
            long at = 0;
            while (at < total) {
                try {
                    ByteBuffer target = ByteBuffer.allocate(20);
                    byte[] piece = at % 2 == 0
                            ? link.handle().read(20)
                            : java.util.Arrays.copyOf(
                                    target.array(), link.handle().read(target));
                    pattern.check(piece, at);
                    at += piece.length;
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                }
            }
            return at;
        });
        long seed = s.random.nextLong();
        Background<Integer> pest = s.startAside(() -> pester(reader, new Random(seed)));
        awaitStrike(interrupts);
        for (long at = 0; at < total; at += 10) {
            link.send(pattern.bytes(at, 10));
            StressChecks.pause(s.random);
        }
        Expect.value(reader.value(), (long) total, "The number of bytes");
        pest.value();
    }

    private static void interruptedWritesLoseNothing(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(4);
        int total = 20_000_000;
        AtomicInteger interrupts = new AtomicInteger();
        Background<Boolean> writer = s.start(() -> {
            ByteBuffer source = ByteBuffer.allocate(0);
            for (long at = 0; at < total; ) {
                source = source.hasRemaining() ? source : pattern.buffer(at, 100_000);
                int before = source.position();
                try {
                    link.handle().write(source);
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                    Expect.value(source.position(), before, "The position after an interrupted write");
                }
                at += source.position() - before;
            }
            return true;
        });
        writer.awaitBlocked();
        long seed = s.random.nextLong();
        Background<Integer> pest = s.startAside(() -> pester(writer, new Random(seed)));
        awaitStrike(interrupts);
        for (long at = 0; at < total; at += 10_000) {
            pattern.check(link.receive(10_000), at);
            StressChecks.pause(s.random);
        }
        writer.value();
        pest.value();
    }

    private static void interruptedAcceptsLoseNothing(Setting s) throws IOException, InterruptedException {
        int total = 200;
        ListenerHandle listener = s.listen(total);
        AtomicInteger interrupts = new AtomicInteger();
        Background<Long> acceptor = s.start(() -> {
            long sum = 0;
            for (int accepted = 0; accepted < total; ) {
                try {
                    StreamHandle handle = listener.accept();
                    accepted++;
                    while (true) {
                        try {
                            sum += handle.read(1)[0];
                            break;
                        } catch (InterruptedException e) {
                            interrupts.incrementAndGet();
                        }
                    }
                    handle.close();
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                }
            }
            return sum;
        });
        long seed = s.random.nextLong();
        Background<Integer> pest = s.startAside(() -> pester(acceptor, new Random(seed)));
        awaitStrike(interrupts);
        long sum = 0;
        for (int i = 0; i < total; i++) {
            try (SocketChannel peer = s.connectPeer(listener)) {
                peer.write(ByteBuffer.wrap(new byte[] {(byte) i}));
                sum += (byte) i;
                StressChecks.pause(s.random);
            }
        }
        Expect.value(acceptor.value(), sum, "The sum of what the connections brought");
        pest.value();
    }
}

package io.bobbinet.testkit;

import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** What a write and the end of writing promise while nobody interrupts or closes. */
final class WriteChecks {
    private WriteChecks() {}

    static void addTo(BackendContract contract) {
        contract.add("writeWaitsForRoom", WriteChecks::writeWaitsForRoom);
        contract.add("gatheringWriteWaitsForRoom", WriteChecks::gatheringWriteWaitsForRoom);
        contract.add("everyKindOfBufferIsWritten", WriteChecks::everyKindOfBufferIsWritten);
        contract.add("gatheringWriteTakesEveryKindOfBuffer", WriteChecks::gatheringWriteTakesEveryKindOfBuffer);
        contract.add("gatheringWriteUsesOnlyItsBuffers", WriteChecks::gatheringWriteUsesOnlyItsBuffers);
        contract.add("gatheringWritePassesManyEmptyBuffers", WriteChecks::gatheringWritePassesManyEmptyBuffers);
        contract.add("largeWriteArrivesInOrder", WriteChecks::largeWriteArrivesInOrder);
        contract.add("readerAndWriterRunAtOnce", WriteChecks::readerAndWriterRunAtOnce);
        contract.add("endOfWritingLeavesReadingOpen", WriteChecks::endOfWritingLeavesReadingOpen);
        contract.add("endOfWritingDisturbsNoBlockedRead", WriteChecks::endOfWritingDisturbsNoBlockedRead);
        contract.add("writeAfterTheEndOfWritingFails", WriteChecks::writeAfterTheEndOfWritingFails);
        contract.add("writeToAPeerThatWentFails", WriteChecks::writeToAPeerThatWentFails);
        contract.add("peerThatGoesFailsABlockedWrite", WriteChecks::peerThatGoesFailsABlockedWrite);
        contract.addForTcp("resetFailsABlockedWriteAndRead", WriteChecks::resetFailsABlockedWriteAndRead);
    }

    /** Writes without end, and counts; ends by what a write throws. */
    static Background<Boolean> writeEndlessly(Setting s, StreamHandle handle, Pattern pattern, AtomicLong written) {
        return s.start(() -> {
            while (true) {
                ByteBuffer source = pattern.buffer(written.get(), 5_000);
                try {
                    handle.write(source);
                } finally {
                    written.addAndGet(source.position());
                }
            }
        });
    }

    private static void writeWaitsForRoom(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(1);
        AtomicLong written = new AtomicLong();
        int total = 20_000_000;
        Background<Boolean> writer = s.start(() -> {
            while (written.get() < total) {
                ByteBuffer source = pattern.buffer(written.get(), 50_000);
                int count = link.handle().write(source);
                Expect.that(count >= 1, "A write took nothing");
                Expect.value(source.position(), count, "The position");
                written.addAndGet(count);
            }
            return true;
        });
        writer.awaitBlocked();
        long at = 0;
        while (at < total) {
            byte[] piece = link.receive(10_000);
            pattern.check(piece, at);
            at += piece.length;
        }
        writer.value();
    }

    private static void gatheringWriteWaitsForRoom(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(2);
        AtomicLong written = new AtomicLong();
        Background<Boolean> writer = s.start(() -> {
            for (int i = 0; i < 400; i++) {
                ByteBuffer[] sources = {
                    pattern.buffer(written.get(), 3),
                    pattern.buffer(written.get() + 3, 20_000),
                    pattern.buffer(written.get() + 20_003, 10_000)
                };
                while (sources[2].hasRemaining()) {
                    long before = remaining(sources);
                    long count = link.handle().write(sources, 0, 3);
                    Expect.that(count >= 1, "A write took nothing");
                    Expect.value(before - remaining(sources), count, "What the positions tell");
                }
                written.addAndGet(30_003);
            }
            return true;
        });
        writer.awaitBlocked();
        pattern.check(link.receive(400 * 30_003), 0);
        writer.value();
    }

    private static long remaining(ByteBuffer[] buffers) {
        return Arrays.stream(buffers).mapToLong(ByteBuffer::remaining).sum();
    }

    /** Buffers of every kind with ten bytes each remaining, which continue a pattern. */
    private static ByteBuffer[] everyKind(Pattern pattern) {
        ByteBuffer[] kinds = {
            ByteBuffer.allocate(10),
            ByteBuffer.allocateDirect(10),
            ByteBuffer.allocate(30).slice(7, 10),
            ByteBuffer.allocateDirect(30).slice(7, 10),
            ByteBuffer.allocate(30).position(4).limit(14),
            ByteBuffer.allocateDirect(30).position(4).limit(14),
            ByteBuffer.allocate(10),
            ByteBuffer.allocateDirect(10)
        };
        for (int i = 0; i < kinds.length; i++) {
            kinds[i].put(kinds[i].position(), pattern.bytes(10L * i, 10));
        }
        kinds[6] = kinds[6].asReadOnlyBuffer();
        kinds[7] = kinds[7].asReadOnlyBuffer();
        return kinds;
    }

    private static void everyKindOfBufferIsWritten(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(3);
        ByteBuffer[] kinds = everyKind(pattern);
        for (ByteBuffer kind : kinds) {
            int limit = kind.limit();
            Expect.value(link.handle().write(kind), 10, "The count");
            Expect.value(kind.position(), limit, "The position");
            Expect.value(kind.limit(), limit, "The limit");
        }
        pattern.check(link.receive(10 * kinds.length), 0);
    }

    private static void gatheringWriteTakesEveryKindOfBuffer(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(4);
        ByteBuffer[] kinds = everyKind(pattern);
        Expect.value(link.handle().write(kinds, 0, kinds.length), 10L * kinds.length, "The count");
        Expect.value(remaining(kinds), 0L, "What remains");
        pattern.check(link.receive(10 * kinds.length), 0);
    }

    private static void gatheringWriteUsesOnlyItsBuffers(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(5);
        ByteBuffer[] sources = everyKind(pattern);
        Expect.value(link.handle().write(sources, 2, 3), 30L, "The count");
        pattern.check(link.receive(30), 20);
        for (int i = 0; i < sources.length; i++) {
            Expect.value(sources[i].remaining(), i >= 2 && i < 5 ? 0 : 10, "What remains in buffer " + i);
        }
    }

    private static void gatheringWritePassesManyEmptyBuffers(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        ByteBuffer[] sources = new ByteBuffer[3_000];
        Arrays.fill(sources, ByteBuffer.allocate(0));
        sources[2_000] = ByteBuffer.wrap(new byte[] {1, 2});
        sources[2_999] = ByteBuffer.wrap(new byte[] {3});
        while (remaining(sources) > 0) {
            Expect.that(link.handle().write(sources, 0, sources.length) >= 1, "A write took nothing");
        }
        Expect.value(link.receive(3), new byte[] {1, 2, 3}, "What was written");
        for (int i = 0; i < sources.length; i++) {
            sources[i] = ByteBuffer.wrap(new byte[] {(byte) i});
        }
        while (remaining(sources) > 0) {
            Expect.that(link.handle().write(sources, 0, sources.length) >= 1, "A write took nothing");
        }
        byte[] all = link.receive(sources.length);
        for (int i = 0; i < all.length; i++) {
            Expect.value(all[i], (byte) i, "Byte " + i);
        }
    }

    private static void largeWriteArrivesInOrder(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(6);
        ByteBuffer heap = pattern.buffer(0, 4_000_000);
        ByteBuffer direct = ByteBuffer.allocateDirect(4_000_000);
        direct.put(pattern.bytes(4_000_000, 4_000_000)).flip();
        Background<Boolean> writer = s.start(() -> {
            while (heap.hasRemaining()) {
                link.handle().write(heap);
            }
            while (direct.hasRemaining()) {
                link.handle().write(direct);
            }
            return true;
        });
        pattern.check(link.receive(8_000_000), 0);
        writer.value();
    }

    private static void readerAndWriterRunAtOnce(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern there = new Pattern(7);
        Pattern back = new Pattern(8);
        int total = 4_000_000;
        Background<Boolean> writer = s.start(() -> {
            for (long at = 0; at < total; ) {
                at += link.handle().write(there.buffer(at, (int) Math.min(3_000, total - at)));
            }
            link.handle().shutdownWrite();
            return true;
        });
        Background<Long> reader = s.start(() -> ReadChecks.readToTheEnd(link.handle(), back));
        Background<Boolean> peerWriter = s.startAside(() -> {
            for (long at = 0; at < total; at += 4_000) {
                link.send(back.bytes(at, 4_000));
            }
            link.peer().shutdownOutput();
            return true;
        });
        there.check(link.receive(total), 0);
        Expect.value(link.peer().read(ByteBuffer.allocate(1)), -1, "The end at the peer");
        writer.value();
        peerWriter.value();
        Expect.value(reader.value(), (long) total, "The bytes that came back");
    }

    private static void endOfWritingLeavesReadingOpen(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        link.handle().write(ByteBuffer.wrap(new byte[] {1}));
        link.handle().shutdownWrite();
        link.handle().shutdownWrite();
        Expect.value(link.receive(1), new byte[] {1}, "What came before the end");
        Expect.value(link.peer().read(ByteBuffer.allocate(1)), -1, "The end at the peer");
        Background<byte[]> read = s.start(() -> link.handle().read(10));
        read.awaitBlocked();
        link.send(new byte[] {2});
        Expect.value(read.value(), new byte[] {2}, "What came back");
    }

    private static void endOfWritingDisturbsNoBlockedRead(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Background<byte[]> read = s.start(() -> link.handle().read(10));
        read.awaitBlocked();
        link.handle().shutdownWrite();
        Expect.value(link.peer().read(ByteBuffer.allocate(1)), -1, "The end at the peer");
        read.awaitBlocked();
        link.send(new byte[] {2});
        Expect.value(read.value(), new byte[] {2}, "What came back");
    }

    private static void writeAfterTheEndOfWritingFails(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        AtomicLong written = new AtomicLong();
        Background<Boolean> blocked = writeEndlessly(s, link.handle(), new Pattern(9), written);
        blocked.awaitBlocked();
        link.handle().shutdownWrite();
        blocked.failure(IOException.class);
        Expect.failure(IOException.class, () -> link.handle().write(ByteBuffer.allocate(1)));
        Expect.that(link.handle().isOpen(), "The handle stays open");
        // The bytes that the system had taken still arrive, and then the end.
        new Pattern(9).check(link.receive(Math.toIntExact(written.get())), 0);
        Expect.value(link.peer().read(ByteBuffer.allocate(1)), -1, "The end at the peer");
    }

    private static void writeToAPeerThatWentFails(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        link.peer().close();
        Background<Boolean> writer = writeEndlessly(s, link.handle(), new Pattern(10), new AtomicLong());
        writer.failure(IOException.class);
        Expect.that(link.handle().isOpen(), "The handle stays open until it is closed");
    }

    private static void peerThatGoesFailsABlockedWrite(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        AtomicLong written = new AtomicLong();
        Background<Boolean> writer = writeEndlessly(s, link.handle(), new Pattern(11), written);
        writer.awaitBlocked();
        link.peer().close();
        writer.failure(IOException.class);
    }

    private static void resetFailsABlockedWriteAndRead(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Background<Boolean> writer = writeEndlessly(s, link.handle(), new Pattern(12), new AtomicLong());
        Background<byte[]> reader = s.start(() -> link.handle().read(10));
        writer.awaitBlocked();
        reader.awaitBlocked();
        link.reset();
        writer.failure(IOException.class);
        // The system tells a reset once: the read may get it, or the end.
        reader.await();
    }
}

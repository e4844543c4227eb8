package io.bobbinet.testkit;

import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** What a read promises while nobody interrupts or closes. */
final class ReadChecks {
    private ReadChecks() {}

    static void addTo(BackendContract contract) {
        contract.add("readWaitsForData", ReadChecks::readWaitsForData);
        contract.add("readTakesWhatIsThere", ReadChecks::readTakesWhatIsThere);
        contract.add("readFillsEveryKindOfBuffer", ReadChecks::readFillsEveryKindOfBuffer);
        contract.add("readIntoArrayIsExact", ReadChecks::readIntoArrayIsExact);
        contract.add("readWaitsForTheEnd", ReadChecks::readWaitsForTheEnd);
        contract.add("endIsReadAgainAndAgain", ReadChecks::endIsReadAgainAndAgain);
        contract.add("dataAndEndTogetherAreBothRead", ReadChecks::dataAndEndTogetherAreBothRead);
        contract.add("dataAndEndTogetherWakeAReader", ReadChecks::dataAndEndTogetherWakeAReader);
        contract.add("bytesInManyPiecesStayInOrder", ReadChecks::bytesInManyPiecesStayInOrder);
        contract.add("slowReaderNeverMissesData", ReadChecks::slowReaderNeverMissesData);
        contract.add("peerCanEndAndStillReceive", ReadChecks::peerCanEndAndStillReceive);
        contract.addForTcp("resetFailsABlockedRead", ReadChecks::resetFailsABlockedRead);
        contract.addForTcp("dataBeforeAResetIsFollowedByAFailure", ReadChecks::dataBeforeAResetIsFollowedByAFailure);
    }

    private static void readWaitsForData(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        for (int i = 0; i < 3; i++) {
            byte[] sent = {1, 2, (byte) i};
            ByteBuffer target = ByteBuffer.allocate(10);
            Background<Integer> read = s.start(() -> link.handle().read(target));
            read.awaitBlocked();
            link.send(sent);
            Expect.value(read.value(), 3, "The count");
            Expect.value(target.position(), 3, "The position");
            Expect.value(java.util.Arrays.copyOf(target.array(), 3), sent, "What was read");
        }
    }

    private static void readTakesWhatIsThere(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(1);
        link.send(pattern.bytes(0, 100));
        ByteBuffer target = ByteBuffer.allocate(70).position(10).limit(50);
        int count = link.handle().read(target);
        Expect.value(count, 40, "The count, with 100 bytes there and room for 40");
        Expect.value(target.position(), 50, "The position");
        Expect.value(target.limit(), 50, "The limit");
        byte[] rest = link.handle().read(1_000);
        Expect.value(rest, pattern.bytes(40, 60), "The rest");
    }

    private static void readFillsEveryKindOfBuffer(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(2);
        long at = 0;
        ByteBuffer[] targets = {
            ByteBuffer.allocate(64),
            ByteBuffer.allocateDirect(64),
            ByteBuffer.allocate(100).slice(9, 64),
            ByteBuffer.allocateDirect(100).slice(9, 64),
            ByteBuffer.allocate(100).position(30)
        };
        for (ByteBuffer target : targets) {
            link.send(pattern.bytes(at, 64));
            int start = target.position();
            int count = link.handle().read(target);
            Expect.value(target.position(), start + count, "The position");
            byte[] got = new byte[count];
            target.get(start, got);
            pattern.check(got, at);
            Expect.value(count, 64, "The count");
            at += count;
        }
    }

    private static void readIntoArrayIsExact(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(3);
        StreamHandle handle = link.handle();
        link.send(pattern.bytes(0, 100));
        Expect.value(handle.read(30), pattern.bytes(0, 30), "A read of at most 30");
        Expect.value(handle.read(1), pattern.bytes(30, 1), "A read of at most 1");
        Expect.value(handle.read(Integer.MAX_VALUE), pattern.bytes(31, 69), "A read of any number");
        Background<byte[]> read = s.start(() -> handle.read(1 << 30));
        read.awaitBlocked();
        link.send(pattern.bytes(100, 5));
        Expect.value(read.value(), pattern.bytes(100, 5), "A read that waited");
        link.peer().shutdownOutput();
        Expect.value(handle.read(10), new byte[0], "A read at the end");
    }

    private static void readWaitsForTheEnd(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Background<Integer> read = s.start(() -> link.handle().read(ByteBuffer.allocate(1)));
        read.awaitBlocked();
        link.peer().close();
        Expect.value(read.value(), -1, "A read that meets the end");
    }

    private static void endIsReadAgainAndAgain(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        link.send(new byte[] {5});
        link.peer().close();
        Expect.value(link.handle().read(10), new byte[] {5}, "What came before the end");
        for (int i = 0; i < 3; i++) {
            Expect.value(link.handle().read(ByteBuffer.allocate(1)), -1, "A read at the end");
            Expect.value(link.handle().read(10), new byte[0], "A read at the end");
        }
    }

    /** An event for both that comes only once must not leave the reader waiting for the end. */
    private static void dataAndEndTogetherAreBothRead(Setting s) throws IOException, InterruptedException {
        for (int i = 0; i < 20; i++) {
            Setting.Link link = s.link();
            Background<byte[]> waiting = s.start(() -> link.handle().read(100));
            waiting.awaitBlocked();
            link.send(new byte[] {1});
            Expect.value(waiting.value(), new byte[] {1}, "The first byte");
            link.send(new byte[] {2, 3});
            link.peer().close();
            Background<byte[]> data = s.start(() -> link.handle().read(100));
            Expect.value(data.value(), new byte[] {2, 3}, "The data");
            Background<byte[]> end = s.start(() -> link.handle().read(100));
            Expect.value(end.value(), new byte[0], "The end");
            link.handle().close();
        }
    }

    private static void dataAndEndTogetherWakeAReader(Setting s) throws IOException, InterruptedException {
        for (int i = 0; i < 50; i++) {
            Setting.Link link = s.link();
            int size = 1 + s.random.nextInt(2_000);
            Background<Long> read = s.start(() -> readToTheEnd(link.handle(), new Pattern(4)));
            if (s.random.nextBoolean()) {
                read.awaitBlocked();
            }
            link.send(new Pattern(4).bytes(0, size));
            link.peer().close();
            Expect.value(read.value(), (long) size, "What came before the end");
            link.handle().close();
        }
    }

    static long readToTheEnd(StreamHandle handle, Pattern pattern) throws IOException, InterruptedException {
        long at = 0;
        while (true) {
            byte[] piece = handle.read(10_000);
            if (piece.length == 0) {
                return at;
            }
            pattern.check(piece, at);
            at += piece.length;
        }
    }

    private static void bytesInManyPiecesStayInOrder(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(5);
        Background<Long> read = s.start(() -> readToTheEnd(link.handle(), pattern));
        long at = 0;
        for (int i = 0; i < 1_000; i++) {
            int size = 1 + s.random.nextInt(s.random.nextInt(20) == 0 ? 5_000 : 10);
            link.send(pattern.bytes(at, size));
            at += size;
        }
        link.peer().shutdownOutput();
        Expect.value(read.value(), at, "The number of bytes");
    }

    /**
     * A reader that now falls behind and now catches up, which switches a poller's interest on and off at every moment;
     * if a wake-up is lost the reader waits although there is data.
     */
    private static void slowReaderNeverMissesData(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Pattern pattern = new Pattern(6);
        int total = 20_000;
        AtomicLong sent = new AtomicLong();
        long seed = s.random.nextLong();
        Background<Boolean> writer = s.startAside(() -> {
            java.util.Random random = new java.util.Random(seed);
            while (sent.get() < total) {
                link.send(pattern.bytes(sent.get(), 1));
                sent.incrementAndGet();
                StressChecks.pause(random);
            }
            return true;
        });
        Background<Boolean> reader = s.start(() -> {
            for (long at = 0; at < total; ) {
                byte[] piece = link.handle().read(1 + s.random.nextInt(3));
                pattern.check(piece, at);
                at += piece.length;
                StressChecks.pause(s.random);
            }
            return true;
        });
        reader.value();
        writer.value();
    }

    private static void peerCanEndAndStillReceive(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        link.peer().shutdownOutput();
        Expect.value(link.handle().read(10), new byte[0], "A read at the end");
        link.handle().write(ByteBuffer.wrap(new byte[] {8, 9}));
        Expect.value(link.receive(2), new byte[] {8, 9}, "What went the other way");
    }

    private static void resetFailsABlockedRead(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Background<byte[]> read = s.start(() -> link.handle().read(10));
        read.awaitBlocked();
        link.reset();
        read.failure(IOException.class);
        Setting.Link other = s.link();
        Background<Integer> second = s.start(() -> other.handle().read(ByteBuffer.allocate(10)));
        second.awaitBlocked();
        other.reset();
        second.failure(IOException.class);
    }

    private static void dataBeforeAResetIsFollowedByAFailure(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        link.peer().setOption(StandardSocketOptions.SO_LINGER, 0);
        link.send(new byte[] {1, 2, 3});
        Expect.value(link.handle().read(2), new byte[] {1, 2}, "What came before the reset");
        link.peer().close();
        Expect.failure(IOException.class, () -> {
            // The system may or may not keep what had come.
            if (link.handle().read(10).length == 1) {
                Expect.that(link.handle().read(10).length > 0, "A reset was read as an end");
            }
            throw new AssertionError("A reset was read as an end");
        });
    }
}

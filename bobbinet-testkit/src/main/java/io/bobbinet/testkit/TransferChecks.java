package io.bobbinet.testkit;

import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.ByteSendStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/** Large transfers in pieces of random size, compared by hash. */
final class TransferChecks {
    /** How many bytes are sent at once at most; a few above what sockets and records take at once. */
    private static final int LARGEST_PIECE = 100_000;

    private final Terms terms;
    private final List<ContractCheck> checks = new ArrayList<>();

    private TransferChecks(Terms terms) {
        this.terms = terms;
    }

    static List<ContractCheck> of(Terms terms, boolean twoWay) {
        TransferChecks checks = new TransferChecks(terms);
        if (terms.have(StreamTrait.WAITS)) {
            checks.oneWay();
        }
        if (terms.have(StreamTrait.WAITS) && twoWay) {
            checks.bothWays();
        }
        return checks.checks;
    }

    private void oneWay() {
        terms.check(checks, "largeTransferArrivesWholeAndInOrder", link -> {
            long seed = seed();
            Actor<Long> sent = terms.start(() -> send(link.sender(), new Random(seed), true));
            Actor<Long> received = terms.start(() -> receiveAll(link.receiver(), new Random(~seed)));
            expectSame(seed, sent, received);
        });
    }

    private void bothWays() {
        terms.check(checks, "largeTransfersBothWaysAtOnceArriveWholeAndInOrder", link -> {
            long seed = seed();
            ByteStream near = (ByteStream) link.sender();
            ByteStream far = (ByteStream) link.receiver();
            Actor<Long> sentThere = terms.start(() -> send(near, new Random(seed), false));
            Actor<Long> sentBack = terms.start(() -> send(far, new Random(seed + 1), false));
            Actor<Long> receivedThere = terms.start(() -> receive(far, new Random(~seed), terms.size()));
            Actor<Long> receivedBack = terms.start(() -> receive(near, new Random(~seed - 1), terms.size()));
            expectSame(seed, sentThere, receivedThere);
            expectSame(seed + 1, sentBack, receivedBack);
        });
    }

    private static long seed() {
        return Long.getLong("bobbinet.seed", System.nanoTime());
    }

    private static void expectSame(long seed, Actor<Long> sent, Actor<Long> received) {
        try {
            Expect.equal(sent.value(), received.value());
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; repeat it with -Dbobbinet.seed=" + seed, e);
        }
    }

    private long send(ByteSendStream stream, Random random, boolean close) throws IOException {
        CRC32C hash = new CRC32C();
        int left = terms.size();
        while (left > 0) {
            byte[] bytes = new byte[random.nextInt(Math.min(left, LARGEST_PIECE) + 1)];
            random.nextBytes(bytes);
            hash.update(bytes);
            left -= bytes.length;
            switch (random.nextInt(3)) {
                case 0 -> stream.send(bytes);
                case 1 ->
                    stream.send(
                            ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
                default -> {
                    int middle = random.nextInt(bytes.length + 1);
                    stream.send(
                            ByteBuffer.wrap(bytes, 0, middle), ByteBuffer.wrap(bytes, middle, bytes.length - middle));
                }
            }
        }
        if (close) {
            stream.close();
        }
        return hash.getValue();
    }

    private long receiveAll(ByteReceiveStream stream, Random random) throws IOException {
        long hash = receive(stream, random, terms.size());
        Expect.failure(EndOfStreamException.class, stream::receive);
        return hash;
    }

    private static long receive(ByteReceiveStream stream, Random random, int size) throws IOException {
        CRC32C hash = new CRC32C();
        int left = size;
        while (left > 0) {
            int max = 1 + random.nextInt(random.nextBoolean() ? 100 : LARGEST_PIECE);
            byte[] bytes = switch (random.nextInt(3)) {
                case 0 -> stream.receive();
                case 1 -> stream.receive(max);
                default -> {
                    ByteBuffer target = ByteBuffer.allocateDirect(max);
                    stream.receive(target);
                    byte[] copy = new byte[target.flip().remaining()];
                    target.get(copy);
                    yield copy;
                }
            };
            Expect.that(bytes.length > 0, "An empty piece");
            hash.update(bytes);
            left -= bytes.length;
        }
        return hash.getValue();
    }
}

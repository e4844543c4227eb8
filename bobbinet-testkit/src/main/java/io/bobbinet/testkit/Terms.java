package io.bobbinet.testkit;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.ThrowingCallable;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * On what terms a stream is checked.
 *
 * @param kind on what the calls run that wait
 * @param links makes one direction
 * @param traits what the stream can do
 * @param attributes what it knows
 * @param size how many bytes a large transfer has
 */
record Terms(Actor.Kind kind, ByteLink.Factory links, Set<StreamTrait> traits, Set<Attribute<?>> attributes, int size) {
    /** More than any transport takes without a receiver; each part of it is different from those beside it. */
    static final byte[] FLOOD = pattern(24 << 20);

    private static byte[] pattern(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i ^ i >> 8 ^ i >> 16);
        }
        return bytes;
    }

    boolean have(StreamTrait trait) {
        return traits.contains(trait);
    }

    /** A check of one direction. Its streams are made on the thread of the caller, which may have bound a backend. */
    void check(List<ContractCheck> checks, String name, ThrowingConsumer<ByteLink, ?> body) {
        checks.add(new ContractCheck(name, () -> {
            try (ByteLink link = links.open()) {
                start(() -> {
                            body.accept(link);
                            return true;
                        })
                        .value();
            }
        }));
    }

    <T> Actor<T> start(ThrowingCallable<T, ?> call) {
        return Actor.start(kind, call);
    }

    /** Sends all of FLOOD, which cannot be. */
    Actor<Boolean> flood(ByteLink link) {
        ByteBuffer flood = ByteBuffer.wrap(FLOOD).asReadOnlyBuffer();
        return start(() -> {
            link.sender().send(flood);
            return true;
        });
    }

    static byte[] receiveExactly(ByteReceiveStream stream, int count) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(count);
        while (target.hasRemaining()) {
            int before = target.position();
            int received = stream.receive(target);
            Expect.that(received >= 1, "A receive gave " + received + " bytes");
            Expect.equal(before + received, target.position());
        }
        return target.array();
    }

    /** Receives up to the end or failure, which is returned, and checks that the bytes are the beginning of others. */
    static IOException drain(ByteReceiveStream stream, byte[] sent) {
        int at = 0;
        while (true) {
            byte[] piece;
            try {
                piece = stream.receive();
            } catch (IOException e) {
                return e;
            }
            for (byte b : piece) {
                Expect.that(at < sent.length && b == sent[at], "Byte " + at + " is not as sent");
                at++;
            }
        }
    }

    static void expectEnd(ByteReceiveStream stream) {
        Expect.failure(EndOfStreamException.class, stream::receive);
        Expect.failure(EndOfStreamException.class, () -> stream.receive(1));
        Expect.failure(EndOfStreamException.class, () -> stream.receive(ByteBuffer.allocate(1)));
    }
}

package io.bobbinet.testkit;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * On what terms a codec is checked.
 *
 * @param codec the codec
 * @param packets makes packets
 * @param same whether two packets are the same
 * @param seed of all that is random
 */
record CodecTerms<T>(
        Codec<T> codec,
        Function<? super Random, ? extends T> packets,
        BiPredicate<? super T, ? super T> same,
        long seed) {

    /** The codec, if it knows where its packets end. */
    @Nullable
    FramedCodec<T> framed() {
        return codec instanceof FramedCodec<T> framed ? framed : null;
    }

    Random random() {
        return new Random(seed);
    }

    List<T> packets(Random random, int count) {
        List<T> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(packets.apply(random));
        }
        return made;
    }

    static <T> byte[] datagram(Codec<T> codec, T packet) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        codec.encode(packet, bytes);
        return bytes.toByteArray();
    }

    static <T> byte[] frames(FramedCodec<T> codec, List<? extends T> packets) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (T packet : packets) {
            int before = bytes.size();
            codec.encodeFrame(packet, bytes);
            Expect.that(bytes.size() > before, "A frame has no bytes");
        }
        return bytes.toByteArray();
    }

    void expectSame(T expected, Object actual, String when) {
        @SuppressWarnings("unchecked") // what a client of the codec gave is a packet
        boolean equal = !(actual instanceof Throwable) && same.test(expected, (T) actual);
        if (!equal) {
            AssertionError wrong =
                    new AssertionError("Expected " + expected + " and got " + actual + ", " + when + ", seed " + seed);
            if (actual instanceof Throwable thrown) {
                wrong.initCause(thrown);
            }
            throw wrong;
        }
    }

    void expectSame(List<? extends T> expected, List<?> actual, String when) {
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            expectSame(expected.get(i), actual.get(i), "packet " + i + " of " + expected.size() + ", " + when);
        }
        Expect.that(
                expected.size() == actual.size(),
                actual.size() + " packets came of " + expected.size() + ", " + when + ", seed " + seed);
    }
}

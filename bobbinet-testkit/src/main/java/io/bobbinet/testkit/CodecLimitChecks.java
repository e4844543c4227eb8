package io.bobbinet.testkit;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a codec promises of packets about its limit. */
final class CodecLimitChecks<T> {
    /** For packets that are too long for others. */
    private static final int NO_LIMIT = 1 << 20;

    private final CodecTerms<T> terms;
    private final CodecLimits<T> limits;
    private final List<ContractCheck> checks = new ArrayList<>();

    private CodecLimitChecks(CodecTerms<T> terms, CodecLimits<T> limits) {
        this.terms = terms;
        this.limits = limits;
    }

    static <T> List<ContractCheck> of(CodecTerms<T> terms, CodecLimits<T> limits) {
        CodecLimitChecks<T> all = new CodecLimitChecks<>(terms, limits);
        all.checks.add(new ContractCheck("limitIsAtLeastOne", all::least));
        for (int limit : limits.sizes()) {
            all.checks.add(new ContractCheck("limitOf" + limit + "IsExact", () -> all.datagrams(limit)));
            if (terms.framed() != null) {
                all.checks.add(new ContractCheck("limitOf" + limit + "IsExactOnAStream", () -> all.exact(limit)));
                all.checks.add(
                        new ContractCheck("packetBeyond" + limit + "IsOneMalformedPacket", () -> all.tail(limit)));
            }
        }
        return all.checks;
    }

    private Codec<T> codec(int limit) {
        return limits.limited().apply(limit);
    }

    private FramedCodec<T> framed(int limit) {
        return (FramedCodec<T>) codec(limit);
    }

    private T packet(int size) {
        return limits.sized().apply(size);
    }

    private void least() {
        Expect.failure(IllegalArgumentException.class, () -> codec(0));
        Expect.failure(IllegalArgumentException.class, () -> codec(-1));
    }

    private void datagrams(int limit) throws IOException {
        for (int size = limit - 1; size <= limit; size++) {
            byte[] bytes = CodecTerms.datagram(codec(limit), packet(size));
            terms.expectSame(packet(size), codec(limit).decode(bytes), size + " bytes with the limit " + limit);
        }
        T large = packet(limit + 1);
        Expect.failure(IllegalArgumentException.class, () -> CodecTerms.datagram(codec(limit), large));
        byte[] bytes = CodecTerms.datagram(codec(NO_LIMIT), large);
        Expect.failure(MalformedPacketException.class, () -> codec(limit).decode(bytes));
    }

    /** A limit is one of each packet, however many come at once. */
    private void exact(int limit) throws IOException {
        FramedCodec<T> codec = framed(limit);
        List<T> packets = List.of(packet(limit), packet(limit - 1), packet(limit), packet(limit));
        byte[] bytes = CodecTerms.frames(codec, packets);
        for (int cut = 0; cut < bytes.length; cut++) {
            String when = "with the limit " + limit + ", cut at byte " + cut;
            terms.expectSame(packets, PacketTrial.run(codec, new ScriptedStream(bytes, cut), 4), when);
        }
        terms.expectSame(packets, PacketTrial.run(codec, ScriptedStream.byteByByte(bytes), 4), "byte by byte");
        List<T> large = List.of(packet(limit + 1));
        Expect.failure(IllegalArgumentException.class, () -> CodecTerms.frames(codec, large));
    }

    private void tail(int limit) throws IOException {
        for (int size : new int[] {limit + 1, limit + 2, 2 * limit + 1, 3 * limit + 7}) {
            byte[] bytes = CodecTerms.frames(framed(NO_LIMIT), List.of(packet(limit), packet(size), packet(limit)));
            for (int cut = 0; cut < bytes.length; cut++) {
                tail(limit, new ScriptedStream(bytes, cut), size + " bytes, limit " + limit + ", cut at byte " + cut);
            }
            tail(limit, ScriptedStream.byteByByte(bytes), size + " bytes, limit " + limit + ", byte by byte");
        }
    }

    private void tail(int limit, ByteStream stream, String when) throws IOException {
        expectOneMalformed(terms, packet(limit), PacketTrial.run(framed(limit), stream, 4), when);
    }

    /** A good packet, a malformed one, and the good one again, if it can be found. */
    static <T> void expectOneMalformed(CodecTerms<T> terms, T good, List<Object> events, String when) {
        Expect.that(events.size() == 3, "There came " + events + ", " + when + ", seed " + terms.seed());
        terms.expectSame(good, events.get(0), when);
        Expect.that(events.get(1) instanceof MalformedPacketException, "There came " + events + ", " + when);
        if (((MalformedPacketException) events.get(1)).isRecoverable()) {
            terms.expectSame(good, events.get(2), when + ", after " + events.get(1));
        } else {
            Expect.that(events.get(2) instanceof BrokenResourceException, "There came " + events + ", " + when);
        }
    }
}

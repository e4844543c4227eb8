package io.bobbinet.testkit;

import com.sun.management.ThreadMXBean;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;

/** What a codec promises of bytes that are no packets. */
final class CodecDamageChecks<T> {
    /** How much memory a codec may use up for some packets of a few hundred bytes: far less than a length can claim. */
    private static final long MOST_MEMORY = 16L << 20;

    /** How many packets are made, to be damaged again and again. */
    private static final int VARIETY = 256;

    private static final int MOST_SHOWN = 200;

    private final CodecTerms<T> terms;
    private final List<byte[]> malformed;
    private final int mutations;
    private final boolean mayGiveUp;

    private CodecDamageChecks(CodecTerms<T> terms, List<byte[]> malformed, int mutations, boolean mayGiveUp) {
        this.terms = terms;
        this.malformed = malformed;
        this.mutations = mutations;
        this.mayGiveUp = mayGiveUp;
    }

    static <T> List<ContractCheck> of(CodecTerms<T> terms, List<byte[]> malformed, int mutations, boolean mayGiveUp) {
        CodecDamageChecks<T> all = new CodecDamageChecks<>(terms, malformed, mutations, mayGiveUp);
        List<ContractCheck> checks = new ArrayList<>();
        checks.add(new ContractCheck("damagedBytesAreMalformedOrAPacket", all::datagrams));
        FramedCodec<T> framed = terms.framed();
        if (framed != null) {
            checks.add(new ContractCheck("damagedStreamGivesPacketsAndMalformedOnes", () -> all.streams(framed)));
            checks.add(new ContractCheck("nextPacketComesAfterAMalformedOne", () -> all.nextPacket(framed)));
        } else {
            checks.add(new ContractCheck("malformedPacketsAreRefused", all::refused));
        }
        return checks;
    }

    // -- what is known to be malformed

    private void refused() {
        for (byte[] bad : malformed) {
            Expect.failure(MalformedPacketException.class, () -> terms.codec().decode(bad));
        }
    }

    private void nextPacket(FramedCodec<T> codec) throws IOException {
        T good = terms.packets(terms.random(), 1).getFirst();
        byte[] frame = CodecTerms.frames(codec, List.of(good));
        for (byte[] bad : malformed) {
            byte[] bytes = joined(frame, bad, frame);
            for (int cut = 0; cut < bytes.length; cut++) {
                List<Object> events = PacketTrial.run(codec, new ScriptedStream(bytes, cut), 4);
                CodecLimitChecks.expectOneMalformed(terms, good, events, shown(bad) + " cut at byte " + cut);
            }
            List<Object> events = PacketTrial.run(codec, ScriptedStream.byteByByte(bytes), 4);
            CodecLimitChecks.expectOneMalformed(terms, good, events, shown(bad) + " byte by byte");
        }
    }

    // -- what is damaged at random

    private interface Trial {
        void of(byte[] bytes, int[] cuts) throws IOException;
    }

    private void datagrams() throws IOException {
        List<byte[]> whole = new ArrayList<>();
        for (T packet : terms.packets(terms.random(), VARIETY)) {
            whole.add(CodecTerms.datagram(terms.codec(), packet));
        }
        int count = terms.framed() == null ? mutations : mutations / 5;
        damage(whole, count, (bytes, cuts) -> {
            try {
                T unused = terms.codec().decode(bytes);
            } catch (MalformedPacketException e) {
                // As it should be.
            }
        });
    }

    private void streams(FramedCodec<T> codec) throws IOException {
        List<byte[]> whole = new ArrayList<>();
        for (T packet : terms.packets(terms.random(), VARIETY)) {
            whole.add(CodecTerms.frames(codec, List.of(packet)));
        }
        Random random = terms.random();
        damage(whole, mutations, (bytes, cuts) -> {
            byte[] more = joined(bytes, whole.get(random.nextInt(VARIETY)));
            for (Object event : PacketTrial.run(codec, new ScriptedStream(more, cuts), more.length)) {
                Expect.that(
                        mayGiveUp || !(event instanceof MalformedPacketException e) || e.isRecoverable(),
                        "The stream is given up: " + event);
            }
        });
    }

    /** On a thread of which it is known how much memory it uses. */
    private void damage(List<byte[]> whole, int count, Trial trial) throws IOException {
        if (!Thread.currentThread().isVirtual()) {
            damageHere(whole, count, trial);
            return;
        }
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            damageHere(whole, count, trial);
            return true;
        });
        Thread.ofPlatform().daemon().start(task);
        OwnThreads.await(task);
    }

    private void damageHere(List<byte[]> whole, int count, Trial trial) throws IOException {
        Random random = terms.random();
        Damage damage = new Damage(random);
        UsedMemory memory = new UsedMemory();
        for (int i = 0; i < count; i++) {
            byte[] bytes = damage.done(whole.get(random.nextInt(VARIETY)), whole.get(random.nextInt(VARIETY)));
            int[] cuts =
                    random.ints(random.nextInt(4), 0, bytes.length + 1).sorted().toArray();
            long before = memory.used();
            try {
                trial.of(bytes, cuts);
            } catch (IOException | RuntimeException | Error e) {
                throw new AssertionError(shown(bytes) + ", number " + i + ", seed " + terms.seed() + ": " + e, e);
            }
            long used = memory.used() - before;
            if (used > MOST_MEMORY) {
                throw new AssertionError(
                        shown(bytes) + " take " + used + " bytes of memory, number " + i + ", seed " + terms.seed());
            }
        }
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static String shown(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, MOST_SHOWN));
        return "The " + bytes.length + " bytes 0x" + hex + (bytes.length > MOST_SHOWN ? "..." : "");
    }

    /** What the calling thread has allocated since it began; nothing where the JVM does not count. */
    private static final class UsedMemory {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final boolean known = threads.isThreadAllocatedMemorySupported();

        long used() {
            return known ? threads.getCurrentThreadAllocatedBytes() : 0;
        }
    }
}

package io.bobbinet.testkit;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TimedOutException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;

/** What a codec promises of packets that nobody has damaged. */
final class CodecChecks<T> {
    private static final int PACKETS = 200;

    /** How many bytes are cut at every place; of more, some places are taken at random. */
    private static final int MOST_CUTS = 2000;

    private static final int CONNECTIONS = 20;
    private static final int THREADS = 4;

    private final CodecTerms<T> terms;
    private final List<ContractCheck> checks = new ArrayList<>();

    private CodecChecks(CodecTerms<T> terms) {
        this.terms = terms;
    }

    static <T> List<ContractCheck> of(CodecTerms<T> terms) {
        CodecChecks<T> checks = new CodecChecks<>(terms);
        checks.add("codecHasAName", checks::name);
        checks.add("packetsComeBackFromTheirBytes", checks::datagrams);
        checks.add("oneInstanceServesManyThreads", checks::threads);
        FramedCodec<T> framed = terms.framed();
        if (framed != null) {
            checks.add("packetsComeBackFromAStream", () -> checks.stream(framed));
            checks.add("everySplitInTwoGivesTheSamePackets", () -> checks.splits(framed));
            checks.add("byteByByteGivesTheSamePackets", () -> checks.byteByByte(framed));
            checks.add("deadlineAtAnyByteLosesNothing", () -> checks.deadlines(framed));
            checks.add("endInsideOfAPacketIsTold", () -> checks.end(framed));
            checks.add("oneInstanceServesManyConnections", () -> checks.shared(framed));
        }
        return checks.checks;
    }

    private interface Body {
        void run() throws IOException;
    }

    private void add(String name, Body body) {
        checks.add(new ContractCheck(name, body::run));
    }

    private void name() {
        String name = terms.codec().toString();
        Expect.that(
                !name.isBlank() && !name.contains("@"),
                "The codec is called " + name + ", which tells nobody anything");
    }

    private void datagrams() throws IOException {
        for (T packet : terms.packets(terms.random(), PACKETS)) {
            byte[] bytes = CodecTerms.datagram(terms.codec(), packet);
            terms.expectSame(packet, terms.codec().decode(bytes), "from " + bytes.length + " bytes");
        }
    }

    /** Each thread has packets of its own, which come back from their bytes, while those of the others do too. */
    private void threads() throws IOException {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            List<T> packets = terms.packets(new Random(terms.seed() + i), PACKETS);
            FutureTask<Boolean> task = new FutureTask<>(() -> {
                int unused = start.await();
                for (T packet : packets) {
                    byte[] bytes = CodecTerms.datagram(terms.codec(), packet);
                    terms.expectSame(packet, terms.codec().decode(bytes), "while other threads use the codec");
                }
                return true;
            });
            tasks.add(task);
            Thread.ofPlatform().daemon().start(task);
        }
        for (FutureTask<Boolean> task : tasks) {
            OwnThreads.await(task);
        }
    }

    private void stream(FramedCodec<T> codec) throws IOException {
        List<T> packets = terms.packets(terms.random(), PACKETS);
        byte[] bytes = CodecTerms.frames(codec, packets);
        terms.expectSame(packets, PacketTrial.run(codec, new ScriptedStream(bytes), PACKETS), "all at once");
    }

    private void splits(FramedCodec<T> codec) throws IOException {
        Random random = terms.random();
        List<T> packets = terms.packets(random, 3);
        byte[] bytes = CodecTerms.frames(codec, packets);
        int cuts = Math.min(bytes.length, MOST_CUTS);
        for (int i = 1; i < cuts; i++) {
            int cut = bytes.length > MOST_CUTS ? random.nextInt(bytes.length) : i;
            ScriptedStream stream = new ScriptedStream(bytes, cut);
            terms.expectSame(packets, PacketTrial.run(codec, stream, 3), "cut at byte " + cut);
        }
    }

    private void byteByByte(FramedCodec<T> codec) throws IOException {
        List<T> packets = terms.packets(terms.random(), PACKETS / 10);
        ScriptedStream stream = ScriptedStream.byteByByte(CodecTerms.frames(codec, packets));
        terms.expectSame(packets, PacketTrial.run(codec, stream, packets.size()), "byte by byte");
    }

    private void deadlines(FramedCodec<T> codec) throws IOException {
        List<T> packets = terms.packets(terms.random(), 3);
        byte[] bytes = CodecTerms.frames(codec, packets);
        List<T> received = new ArrayList<>();
        try (Connection<T> connection = new Connection<>(codec, bytes)) {
            for (int i = 0; i < bytes.length; i++) {
                connection.pass(1);
                connection.receiveInto(received);
            }
        }
        terms.expectSame(packets, received, "with a deadline after each byte");
    }

    private void end(FramedCodec<T> codec) throws IOException {
        byte[] bytes = CodecTerms.frames(codec, terms.packets(terms.random(), 1));
        for (int length = 1; length < Math.min(bytes.length, MOST_CUTS); length++) {
            List<Object> events = PacketTrial.run(codec, new ScriptedStream(Arrays.copyOf(bytes, length)), 1);
            Expect.that(
                    events.size() == 1 && events.getFirst() instanceof IncompleteReadException,
                    "Of " + length + " bytes of a frame of " + bytes.length + " came " + events + ", seed "
                            + terms.seed());
        }
    }

    /** Bytes of many connections come in random parts, in turn, and each connection is asked for packets after each. */
    private void shared(FramedCodec<T> codec) throws IOException {
        Random random = terms.random();
        List<List<T>> sent = new ArrayList<>();
        List<List<T>> received = new ArrayList<>();
        List<Connection<T>> open = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                sent.add(terms.packets(random, 5));
                received.add(new ArrayList<>());
                open.add(new Connection<>(codec, CodecTerms.frames(codec, sent.get(i))));
            }
            while (open.stream().anyMatch(Connection::hasMore)) {
                int which = random.nextInt(CONNECTIONS);
                open.get(which).pass(1 + random.nextInt(20));
                open.get(which).receiveInto(received.get(which));
            }
        } finally {
            for (Connection<T> connection : open) {
                connection.close();
            }
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            terms.expectSame(sent.get(i), received.get(i), "of connection " + i);
        }
    }

    /** A client whose bytes come as the check says. */
    private static final class Connection<T> implements AutoCloseable {
        private final ByteBuffer bytes;
        private final ByteStream feeder;
        private final PacketClient<T, T> client;

        Connection(FramedCodec<T> codec, byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes);
            StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
            this.feeder = pair.left();
            this.client = PacketClient.over(pair.right(), StreamProtocol.of(codec));
        }

        boolean hasMore() {
            return bytes.hasRemaining();
        }

        void pass(int most) throws IOException {
            int count = Math.min(most, bytes.remaining());
            feeder.send(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
        }

        void receiveInto(List<T> received) throws IOException {
            try {
                while (true) {
                    received.add(client.receive(Duration.ZERO));
                }
            } catch (TimedOutException e) {
                // The rest has not come yet.
            }
        }

        @Override
        public void close() throws IOException {
            feeder.close();
            client.close();
        }
    }
}

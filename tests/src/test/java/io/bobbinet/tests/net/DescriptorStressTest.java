package io.bobbinet.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random messages with descriptors, received in random ways, cut short at random, against a model: the descriptors of a
 * message come with its first byte, in order, once, and none else.
 */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("DescriptorStressTest")
@Timeout(60)
class DescriptorStressTest {
    private static final int CONVERSATIONS = 150;
    private static final int FILES = 20;

    @TempDir
    private Path folder;

    /** For the check that the test has shown something. */
    private final AtomicInteger struck = new AtomicInteger();

    private final AtomicInteger passed = new AtomicInteger();

    private static String nameOf(Descriptor descriptor) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor.number()))
                .toString();
    }

    /** Runs a call that may be cut short, and tells whether it was not. */
    private boolean operate(Random random, ThrowingRunnable<IOException> call) throws IOException {
        if (random.nextInt(3) > 0) {
            call.run();
            return true;
        }
        boolean whole = CancelScope.moveOnAfter(Duration.ofNanos(random.nextInt(200_000)))
                .run(call);
        if (!whole) {
            struck.incrementAndGet();
        }
        return whole;
    }

    /** One direction of a stream, from a task that sends to a task that receives. */
    private final class Conversation {
        final UnixDescriptorStream from;
        final UnixDescriptorStream to;
        final List<Descriptor> files;

        /** The descriptors that come with the byte at a place; the sender adds before it sends. */
        final ConcurrentSkipListMap<Long, List<String>> beside = new ConcurrentSkipListMap<>();

        final AtomicLong sent = new AtomicLong();

        /** What plain receives should have kept; the receiver's. */
        final Deque<String> kept = new ArrayDeque<>();

        /** Owned by the receiver. */
        long received;

        Conversation(StreamPair<UnixDescriptorStream> pair, List<Descriptor> files) {
            this.from = pair.left();
            this.to = pair.right();
            this.files = files;
        }

        void send(Random random) throws IOException {
            for (int left = random.nextInt(100); left > 0; left--) {
                List<Descriptor> some = new ArrayList<>();
                List<String> names = new ArrayList<>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    Descriptor file = files.get(random.nextInt(FILES));
                    some.add(file);
                    names.add(nameOf(file));
                }
                long start = sent.get();
                ByteBuffer data = Numbered.buffer(start, 1 + random.nextInt(random.nextInt(10) == 0 ? 100_000 : 300));
                beside.put(start, names);
                boolean whole = false;
                try {
                    whole = operate(random, () -> from.sendMessage(data, new ControlMessage.Rights(some)));
                } catch (BrokenResourceException e) {
                    assertThat(e).hasMessageContaining("cut off");
                    beside.remove(start);
                    return;
                }
                sent.addAndGet(data.position());
                if (!whole && data.position() == 0) {
                    beside.remove(start);
                }
                passed.addAndGet(names.size());
            }
        }

        void receive(Random random) throws IOException {
            try {
                while (true) {
                    operate(random, () -> receiveOnce(random));
                    if (kept.size() > 200 || random.nextInt(5) == 0) {
                        take();
                    }
                }
            } catch (EndOfStreamException e) {
                take();
            }
        }

        private void receiveOnce(Random random) throws IOException {
            switch (random.nextInt(4)) {
                case 0 -> {
                    byte[] bytes = to.receive(1 + random.nextInt(5_000));
                    Numbered.check(bytes, received);
                    kept.addAll(expected(bytes.length));
                }
                case 1 -> {
                    ByteBuffer buffer = ByteBuffer.allocate(1 + random.nextInt(100_000));
                    int count = to.receive(buffer);
                    byte[] bytes = new byte[count];
                    buffer.get(0, bytes);
                    Numbered.check(bytes, received);
                    kept.addAll(expected(count));
                }
                default -> {
                    int max = random.nextInt(random.nextBoolean() ? 3 : 5_000);
                    try (UnixMessage message = to.receiveMessage(max)) {
                        Numbered.check(message.data(), received);
                        List<String> names = new ArrayList<>();
                        for (Descriptor descriptor : message.descriptors()) {
                            names.add(nameOf(descriptor));
                        }
                        assertThat(names).isEqualTo(max == 0 ? expectedAt(received) : expected(message.data().length));
                    }
                }
            }
        }

        /** What comes with the next bytes, which count as received. */
        private List<String> expected(int count) {
            List<String> names = new ArrayList<>();
            for (long place :
                    List.copyOf(beside.subMap(received, received + count).keySet())) {
                names.addAll(expectedAt(place));
            }
            received += count;
            return names;
        }

        /** What comes with a byte, once. */
        private List<String> expectedAt(long place) {
            List<String> names = beside.remove(place);
            return names == null ? List.of() : names;
        }

        private void take() throws IOException {
            List<String> names = new ArrayList<>();
            for (Descriptor descriptor : to.takeDescriptors()) {
                names.add(nameOf(descriptor));
                descriptor.close();
            }
            assertThat(names).isEqualTo(List.copyOf(kept));
            kept.clear();
        }
    }

    @Test
    void everyDescriptorComesOnceWithItsByte() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random seeds = new Random(seed);
        List<Descriptor> files = OpenFiles.files(folder, "x".repeat(FILES).split(""));
        converse(files, seeds); // once, so that everything is open that stays open
        long before = OpenFiles.count();
        for (int i = 0; i < CONVERSATIONS; i++) {
            converse(files, seeds);
        }
        assertThat(OpenFiles.count()).as("open descriptors, seed " + seed).isEqualTo(before);
        OpenFiles.close(files);
        assertThat(passed).as("descriptors passed").hasValueGreaterThan(1_000);
        assertThat(struck).as("calls cut short").hasPositiveValue();
    }

    private void converse(List<Descriptor> files, Random seeds) throws Exception {
        Random sending = new Random(seeds.nextLong());
        Random receiving = new Random(seeds.nextLong());
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair()) {
            pair.left().setOption(StandardSocketOptions.SO_SNDBUF, 10_000);
            var conversation = new Conversation(pair, files);
            TaskGroup.run(group -> {
                group.fork(() -> conversation.receive(receiving));
                conversation.send(sending);
                pair.left().close();
            });
            assertThat(conversation.received).isEqualTo(conversation.sent.get());
            assertThat(conversation.beside.values()).allMatch(List::isEmpty);
        }
    }
}

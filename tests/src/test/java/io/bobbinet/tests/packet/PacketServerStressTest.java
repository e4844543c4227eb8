package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.TcpStream;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketHandler;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many clients do what they like, and the server is drained while they do: each packet is handled once and in its turn, or is one
 * that came after the end; hooks are in pairs; and nothing is left, which the watch over descriptors and threads sees to.
 */
@OnEachBackend
@DisplayName("PacketServerStressTest")
@Timeout(60)
class PacketServerStressTest extends PacketServing {
    private static final int CLIENTS = 40;
    private static final int ROUNDS = 3;

    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger disconnected = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();

    /** How many packets of a client have been handled, by its name. */
    private final ConcurrentHashMap<String, Integer> handled = new ConcurrentHashMap<>();

    /** What a client sees that must not be. */
    private final LinkedBlockingQueue<String> wrong = new LinkedBlockingQueue<>();

    private final class Handler implements PacketHandler<String, String> {
        @Override
        public void connected(PacketClient<String, String> client) {
            connected.incrementAndGet();
        }

        @Override
        public void handle(PacketClient<String, String> client) throws Exception {
            client.forEach(line -> answer(client, line), malformed -> client.send("malformed"));
        }

        private void answer(PacketClient<String, String> client, String line) throws Exception {
            String[] parts = line.split(" ", 3);
            int number = Integer.parseInt(parts[1]);
            int before = handled.merge(parts[0], 1, Integer::sum) - 1;
            if (before != number) {
                wrong.add(line + " is handled as number " + before);
            }
            switch (parts[2]) {
                case "fail" -> throw new Failure();
                case "close" -> client.close();
                default -> client.send(line);
            }
        }

        @Override
        public void disconnected(PacketClient<String, String> client) {
            disconnected.incrementAndGet();
        }
    }

    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void nothingIsLostAnsweredTwiceOrLeft(ServerKind kind) throws Exception {
        for (long seed = 1; seed <= (kind == ServerKind.TLS ? 1 : ROUNDS); seed++) {
            handled.clear();
            run(kind, new Random(seed));
            assertThat(wrong).as("seed %s", seed).isEmpty();
            assertThat(disconnected).as("seed %s", seed).hasValue(connected.get());
            assertThat(reports)
                    .as("seed %s", seed)
                    .allMatch(e -> e instanceof Failure
                            || e instanceof BrokenResourceException
                            || e instanceof IncompleteReadException);
        }
        assertThat(answered.get()).isGreaterThan(CLIENTS);
    }

    private void run(ServerKind kind, Random random) throws Exception {
        ServerKind.Place place = kind.open(folder);
        int drainAfter = random.nextInt(CLIENTS * 10);
        int begun = answered.get();
        try (var server = PacketServer.over(place.listener(), LINES, options)) {
            TaskGroup.<Exception>run(group -> {
                Task<Void> serving = group.fork(() -> server.serve(new Handler()));
                List<Task<Void>> talking = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    String name = "c" + i;
                    long seed = random.nextLong();
                    talking.add(group.fork(() -> talk(place, name, new Random(seed))));
                }
                until(() -> answered.get() - begun >= drainAfter
                        || talking.stream().allMatch(task -> task.status() == Task.Status.FINISHED));
                server.drain(ofSeconds(20));
                serving.await();
            });
        }
    }

    /** One client, which may find the server gone at any time. */
    private void talk(ServerKind.Place place, String name, Random random) throws IOException {
        try (ByteStream raw = place.connector().connect();
                BufferedByteStream client = BufferedByteStream.over(raw)) {
            int number = 0;
            for (int i = random.nextInt(10); i >= 0; i--) {
                int pipelined = 1 + random.nextInt(5);
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                List<String> expected = new ArrayList<>();
                for (int k = 0; k < pipelined; k++) {
                    if (random.nextInt(5) == 0) {
                        bytes.write(new byte[] {(byte) 0xff, 'x', '\n'});
                        expected.add("malformed");
                    } else {
                        String line = name + " " + number++ + " " + "x".repeat(random.nextInt(200));
                        bytes.write((line + "\n").getBytes(UTF_8));
                        expected.add(line);
                    }
                }
                client.send(bytes.toByteArray());
                for (String line : expected) {
                    String answer = new String(client.receiveUntil(new byte[] {'\n'}, 1000), UTF_8);
                    answered.incrementAndGet();
                    if (!answer.equals(line)) {
                        wrong.add(line + " is answered by " + answer);
                    }
                }
            }
            end(raw, client, name + " " + number, random);
        } catch (EndOfStreamException | BrokenResourceException | IncompleteReadException e) {
            // The server was drained.
        } catch (ConnectException | NoSuchFileException | SSLException e) {
            // It was so before this came.
        }
    }

    private static void end(ByteStream raw, BufferedByteStream client, String line, Random random) throws IOException {
        switch (random.nextInt(5)) {
            case 0 -> client.send((line + " fail\n").getBytes(UTF_8));
            case 1 -> client.send((line + " close\n" + line + " never\n").getBytes(UTF_8));
            case 2 -> client.send(line.getBytes(UTF_8));
            case 3 -> client.sendEof();
            default -> {
                if (raw instanceof TcpStream tcp) {
                    tcp.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
            }
        }
    }
}

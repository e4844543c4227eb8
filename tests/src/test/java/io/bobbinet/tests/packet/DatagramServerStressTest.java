package io.bobbinet.tests.packet;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.packet.DatagramClient;
import io.bobbinet.packet.DatagramPeer;
import io.bobbinet.packet.DatagramServer;
import io.bobbinet.packet.PacketMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many peers send more than the server has places for, with open files beside some of it, and handlers end when they like: each
 * datagram is handled once and in its turn. The watch over descriptors sees that none is left.
 */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("DatagramServerStressTest")
@Timeout(60)
class DatagramServerStressTest extends DatagramsServed {
    private static final int PEERS = 20;
    private static final int DATAGRAMS = 50;

    /** How many datagrams of a peer have been handled. */
    private final ConcurrentHashMap<Object, Integer> handled = new ConcurrentHashMap<>();

    private final LinkedBlockingQueue<String> wrong = new LinkedBlockingQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Receives in one way or another, for as long as it likes. */
    private void handle(DatagramPeer<String, String> peer, Random random) throws Exception {
        int most = random.nextInt(10);
        for (int i = 0; i <= most; i++) {
            switch (random.nextInt(3)) {
                case 0 -> check(peer, peer.receive());
                case 1 -> {
                    try (PacketMessage<String> message = peer.receiveMessage()) {
                        check(peer, message.packet());
                    }
                }
                default -> {
                    try {
                        check(peer, peer.receive(ZERO));
                    } catch (TimedOutException e) {
                        // There is none at this moment.
                    }
                }
            }
        }
        if (random.nextInt(4) == 0) {
            throw new Failure();
        }
        if (random.nextInt(4) == 0) {
            throw new IOException("as well");
        }
    }

    private void check(DatagramPeer<String, String> peer, String text) {
        int before = handled.merge(peer, 1, Integer::sum) - 1;
        count.incrementAndGet();
        if (!text.equals("d" + before)) {
            wrong.add(text + " is handled as number " + before + " of " + peer);
        }
    }

    private void talk(Path path, Random random, Descriptor file) throws IOException {
        try (var client = DatagramClient.connect(UnixDatagram.connector(path), TEXTS)) {
            for (int i = 0; i < DATAGRAMS; i++) {
                if (random.nextBoolean()) {
                    client.send("d" + i);
                } else {
                    client.sendMessage("d" + i, new ControlMessage.Rights(List.of(file)));
                }
            }
        } catch (ConnectException | NoSuchFileException e) {
            // The server was drained.
        }
    }

    private void run(long seed, boolean early) throws Exception {
        Random random = new Random(seed);
        Path path = folder.resolve("server");
        var with = options.withMessages().withMaxPeers(5).withMaxQueued(DATAGRAMS);
        try (var server = DatagramServer.over(
                        UnixDatagram.binder(path).withDeleteOnClose().bind(), TEXTS, with);
                Descriptor file = Descriptor.open(
                        Files.writeString(folder.resolve("file"), "content"), StandardOpenOption.READ)) {
            TaskGroup.<Exception>run(group -> {
                Task<Void> serving =
                        group.fork(() -> server.serve(peer -> handle(peer, new Random(random.nextLong()))));
                List<Task<Void>> talking = new ArrayList<>();
                for (int i = 0; i < PEERS; i++) {
                    long own = random.nextLong();
                    talking.add(group.fork(() -> talk(path, new Random(own), file)));
                }
                int enough = early ? random.nextInt(PEERS * DATAGRAMS) : PEERS * DATAGRAMS;
                until(() -> count.get() >= enough);
                server.drain(early ? ZERO : ofSeconds(20));
                serving.await();
            });
            assertThat(server.dropped()).isZero();
        }
    }

    @Test
    @Tag("smoke")
    void eachDatagramIsHandledOnceAndInItsTurn() throws Exception {
        for (long seed = 1; seed <= 3; seed++) {
            count.set(0);
            handled.clear();
            run(seed, false);
            assertThat(wrong).as("seed %s", seed).isEmpty();
            assertThat(handled.values()).as("seed %s", seed).hasSize(PEERS).containsOnly(DATAGRAMS);
        }
        assertThat(reports).allMatch(e -> e instanceof Failure || e.getClass() == IOException.class);
    }

    @Test
    void aServerThatIsDrainedMeanwhileLeavesNothing() throws Exception {
        for (long seed = 1; seed <= 5; seed++) {
            count.set(0);
            handled.clear();
            run(seed, true);
            assertThat(wrong).as("seed %s", seed).isEmpty();
        }
    }
}

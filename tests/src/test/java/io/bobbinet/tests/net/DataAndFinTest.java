package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The last data and the end arrive together, and then nothing ever: a receiver must come to know both. */
@OnEachBackend
@DisplayName("DataAndFinTest")
@Timeout(60)
class DataAndFinTest {
    private static final int RUNS = 300;

    @Test
    @Tag("smoke")
    void tcpReceiverGetsBoth() throws Exception {
        long seed = new Random().nextLong();
        for (int i = 0; i < RUNS; i++) {
            try (TcpPair pair = TcpPair.open()) {
                check(pair.ours(), pair.peer().getOutputStream(), pair.peer(), new Random(seed + i), seed + i);
            }
        }
    }

    @Test
    void unixReceiverGetsBoth(@TempDir Path folder) throws Exception {
        long seed = new Random().nextLong();
        Path path = folder.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            for (int i = 0; i < RUNS; i++) {
                try (UnixStream ours = Unix.connect(path);
                        SocketChannel peer = server.accept()) {
                    check(ours, Channels.newOutputStream(peer), peer, new Random(seed + i), seed + i);
                }
            }
        }
    }

    /** A receiver that waits already, or has received before, or comes later; that takes all, or bit by bit. */
    private static void check(ByteStream ours, OutputStream out, Closeable peer, Random random, long seed)
            throws Exception {
        byte[] first = Numbered.bytes(0, random.nextInt(3));
        byte[] last = Numbered.bytes(first.length, 1 + random.nextInt(2_000));
        int most = random.nextBoolean() ? 1 + random.nextInt(100) : 65_536;
        TaskGroup.run(group -> {
            if (first.length > 0) {
                out.write(first);
                byte[] head = ours.receive(first.length);
                Numbered.check(head, 0);
                if (head.length < first.length) {
                    Numbered.check(ours.receive(first.length - head.length), head.length);
                }
            }
            Task<byte[]> receiver = group.fork(() -> receiveAll(ours, most));
            if (random.nextBoolean()) {
                Blocked.await(receiver);
            }
            out.write(last);
            peer.close();
            assertThat(receiver.join()).as("seed %d", seed).isEqualTo(last);
        });
        assertFails(EndOfStreamException.class, ours::receive);
    }

    private static byte[] receiveAll(ByteStream stream, int most) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            try {
                all.write(stream.receive(most));
            } catch (EndOfStreamException e) {
                return all.toByteArray();
            }
        }
    }
}

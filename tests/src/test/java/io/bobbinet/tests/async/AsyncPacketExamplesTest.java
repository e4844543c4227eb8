package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.examples.AsyncPacketExamples;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of asynchronous packets do what they say. */
@OnEachBackend
@DisplayName("AsyncPacketExamplesTest")
@Timeout(30)
final class AsyncPacketExamplesTest {
    @Test
    void theAnswerComesToTheUserInterface() throws Exception {
        ExecutorService userInterface = Executors.newSingleThreadExecutor();
        try (userInterface;
                TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            CompletableFuture<String> answer =
                    AsyncPacketExamples.ask("127.0.0.1", listener.localAddress().getPort(), "what?", userInterface);
            try (var served = peer(listener.accept())) {
                served.send("you asked " + served.receive());
                assertThat(answer.get()).isEqualTo("you asked what?");
                assertThat(served.available(Duration.ofDays(1)).packets()).isEmpty(); // it closes
            }
        }
    }

    @Test
    void linesAreFollowedToTheLast() throws Exception {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        try (var client = AsyncPacketClient.over(pair.left(), LINES);
                var server = peer(pair.right())) {
            List<String> lines = new CopyOnWriteArrayList<>();
            CompletableFuture<Void> end = AsyncPacketExamples.follow(client, lines::add);
            server.send("first");
            server.send("last");
            server.sendEof();
            end.get();
            assertThat(lines).containsExactly("first", "last");
        }
    }

    @Test
    void aProbeTellsWhetherSomebodyIsThere() throws Exception {
        int port;
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            port = socket.localAddress().getPort();
            TaskGroup.<Exception>run(group -> {
                Task<?> echo = group.fork(() -> socket.serve(packet -> socket.send(packet.reply(packet.data()))));
                assertThat(AsyncPacketExamples.probe("127.0.0.1", port).get()).isEqualTo("are you there?");
                echo.cancel();
            });
        }
        assertThat(AsyncPacketExamples.probe("127.0.0.1", port).get()).startsWith("nobody: ");
    }
}

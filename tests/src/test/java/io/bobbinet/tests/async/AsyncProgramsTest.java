package io.bobbinet.tests.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.examples.packets.AdoptedSocket;
import io.bobbinet.examples.packets.AsyncAdoptedSocket;
import io.bobbinet.examples.packets.AsyncConnecting;
import io.bobbinet.examples.packets.AsyncConnectingInTime;
import io.bobbinet.examples.packets.AsyncReceiveSize;
import io.bobbinet.examples.packets.AsyncReceiving;
import io.bobbinet.examples.packets.AsyncReceivingMany;
import io.bobbinet.examples.packets.AsyncSending;
import io.bobbinet.examples.packets.AsyncSocketBelow;
import io.bobbinet.examples.packets.Data;
import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.tests.packet.LinePeer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs of EasyNetwork's page, in their asynchronous form, against a server of the JDK. */
@OnEachBackend
@DisplayName("AsyncProgramsTest")
@Timeout(30)
class AsyncProgramsTest {
    private static final StreamProtocol<Data, Data> PROTOCOL = StreamProtocol.of(Json.lines(Data.class));
    private static final String PACKET = "{\"data\":42}";
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private List<String> serve(
            LinePeer.Conversation conversation, ThrowingConsumer<AsyncPacketClient<Data, Data>, IOException> program)
            throws IOException {
        return LinePeer.serve(folder.resolve("socket"), conversation, path -> {
            try (var client = AsyncPacketClient.of(Unix.connector(path), PROTOCOL)) {
                program.accept(client);
            }
        });
    }

    private static List<String> echo(LinePeer client) throws IOException {
        client.say(client.hear());
        return client.hearAll();
    }

    private static List<String> sayNonsense(LinePeer client) throws IOException {
        client.say("{\"data\":", PACKET);
        return client.hearAll();
    }

    @Test
    void connectsByPathAndTellsThePeer() throws IOException {
        LinePeer.serve(
                folder.resolve("socket"),
                LinePeer::hearAll,
                path -> assertThat(AsyncConnecting.connect(path))
                        .succeedsWithin(LONG)
                        .isEqualTo("Remote address: " + path));
    }

    @Test
    void connectingEndsByTheJdksTimeoutAndByTheConnectors() throws IOException {
        var address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        Path path = address.getPath();
        try (var listener =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address, 1);
                var _ = SocketChannel.open(address);
                var _ = SocketChannel.open(address)) { // Linux takes one more than it is told
            assertThat(AsyncConnectingInTime.connect(path, SHORT))
                    .succeedsWithin(LONG)
                    .isEqualTo("Could not connect in time");
            assertThat(AsyncConnectingInTime.connect(path, SHORT, Runnable::run))
                    .succeedsWithin(LONG)
                    .isEqualTo("Could not connect in time");
            listener.accept().close();
            assertThat(AsyncConnectingInTime.connect(path, LONG))
                    .succeedsWithin(LONG)
                    .isEqualTo("Remote address: " + path);
        }
    }

    @Test
    void callbacksRunWhereTheProgramSays() throws IOException {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        LinePeer.serve(folder.resolve("socket"), LinePeer::hearAll, path -> {
            try (var executor = Executors.newSingleThreadExecutor()) {
                assertThat(AsyncConnectingInTime.connect(
                                path,
                                LONG,
                                task -> executor.execute(() -> {
                                    threads.add(Thread.currentThread());
                                    task.run();
                                })))
                        .succeedsWithin(LONG)
                        .isEqualTo("Remote address: " + path);
            }
        });
        assertThat(threads).hasSize(1);
    }

    @Test
    void aConnectedSocketNeedsNoConnect() throws IOException {
        LinePeer.serve(folder.resolve("socket"), LinePeer::hearAll, path -> {
            SocketChannel channel = AdoptedSocket.obtainConnectedSocket(path);
            assertThat(AsyncAdoptedSocket.adopt(channel)).succeedsWithin(LONG).isEqualTo("Remote address: " + path);
            assertThat(channel.isOpen()).isFalse();
        });
    }

    @Test
    void whatWasSentGoesOutBeforeTheEnd() throws IOException {
        assertThat(serve(
                        peer -> {
                            List<String> heard = peer.hearAll();
                            peer.say(PACKET);
                            return heard;
                        },
                        client -> {
                            var sent = AsyncSending.send(client);
                            assertThat(AsyncSending.end(client)).succeedsWithin(LONG);
                            assertThat(sent).succeedsWithin(LONG);
                            assertThat(AsyncReceiving.receive(client))
                                    .succeedsWithin(LONG)
                                    .isEqualTo("Received packet: Data[data=42]");
                        }))
                .containsExactly(PACKET);
    }

    @Test
    void aReceiveWithALimitLosesNothing() throws IOException {
        serve(AsyncProgramsTest::echo, client -> {
            assertThat(client.connect()).succeedsWithin(LONG); // or the limit may end the connecting
            assertThat(AsyncReceiving.receiveInTime(client, SHORT))
                    .succeedsWithin(LONG)
                    .isEqualTo("Timed out");
            assertThat(AsyncSending.send(client)).succeedsWithin(LONG);
            assertThat(AsyncReceiving.receiveInTime(client, LONG))
                    .succeedsWithin(LONG)
                    .isEqualTo("Received packet: Data[data=42]");
        });
    }

    @Test
    void aReceiveThatTheJdkEndsLosesNothing() throws IOException {
        serve(AsyncProgramsTest::echo, client -> {
            assertThat(client.connect()).succeedsWithin(LONG); // or the limit may end the connecting
            assertThat(AsyncReceiving.receiveOrTimeout(client, SHORT))
                    .succeedsWithin(LONG)
                    .isEqualTo("Timed out");
            assertThat(AsyncSending.send(client)).succeedsWithin(LONG);
            assertThat(AsyncReceiving.receiveOrTimeout(client, LONG))
                    .succeedsWithin(LONG)
                    .isEqualTo("Received packet: Data[data=42]");
        });
    }

    @Test
    void whatIsInvalidIsToldAndTheNextPacketComes() throws IOException {
        serve(AsyncProgramsTest::sayNonsense, client -> {
            var first = AsyncReceiving.receiveInTime(client, LONG);
            var second = AsyncReceiving.receiveOrTimeout(client, LONG);
            assertThat(first).succeedsWithin(LONG).isEqualTo("Received something invalid");
            assertThat(second).succeedsWithin(LONG).isEqualTo("Received packet: Data[data=42]");
        });
    }

    @Test
    void severalPacketsAreReceivedAtOnce() throws IOException {
        serve(
                peer -> {
                    peer.say("{\"data\":1}", "{\"data\":2}", "{\"data\":3}");
                    return List.of();
                },
                client -> {
                    assertThat(AsyncReceiving.receive(client))
                            .succeedsWithin(LONG)
                            .isEqualTo("Received packet: Data[data=1]");
                    assertThat(AsyncReceivingMany.receive(client))
                            .succeedsWithin(LONG)
                            .isEqualTo("Received packets: [Data[data=2], Data[data=3]]");
                    assertThat(AsyncReceivingMany.receive(client, LONG))
                            .succeedsWithin(LONG)
                            .isEqualTo("Received packets: [], then END_OF_STREAM");
                });
    }

    @Test
    void aSmallReceiveSizeMakesNoDifferenceToThePacket() throws IOException {
        LinePeer.serve(
                folder.resolve("socket"),
                peer -> {
                    peer.say("{" + " ".repeat(5_000) + "\"data\":42}");
                    return peer.hearAll();
                },
                path -> assertThat(AsyncReceiveSize.receive(path))
                        .succeedsWithin(LONG)
                        .isEqualTo("Received packet: Data[data=42]"));
    }

    @Test
    void aSocketThatIsNotConnectedTellsNothing() throws IOException {
        try (var client = AsyncPacketClient.of(Unix.connector(folder.resolve("nowhere")), PROTOCOL)) {
            assertThatThrownBy(() -> AsyncSocketBelow.credentials(client)).isInstanceOf(NotYetConnectedException.class);
            assertThatThrownBy(() -> AsyncSocketBelow.withoutProbes(client))
                    .isInstanceOf(NotYetConnectedException.class);
        }
    }
}

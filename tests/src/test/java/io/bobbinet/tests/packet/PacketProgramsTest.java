package io.bobbinet.tests.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.packets.AdoptedSocket;
import io.bobbinet.examples.packets.Connecting;
import io.bobbinet.examples.packets.ConnectingInTime;
import io.bobbinet.examples.packets.Data;
import io.bobbinet.examples.packets.ReceiveSize;
import io.bobbinet.examples.packets.Receiving;
import io.bobbinet.examples.packets.ReceivingMany;
import io.bobbinet.examples.packets.Sending;
import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs of EasyNetwork's page, in their blocking form, against a server of the JDK. */
@OnEachBackend
@DisplayName("PacketProgramsTest")
@Timeout(30)
class PacketProgramsTest {
    private static final StreamProtocol<Data, Data> PROTOCOL = StreamProtocol.of(Json.lines(Data.class));
    private static final String PACKET = "{\"data\":42}";
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private List<String> serve(
            LinePeer.Conversation conversation, ThrowingConsumer<PacketClient<Data, Data>, IOException> program)
            throws IOException {
        return LinePeer.serve(folder.resolve("socket"), conversation, path -> {
            try (var client = PacketClient.connect(Unix.connector(path), PROTOCOL)) {
                program.accept(client);
            }
        });
    }

    private static List<String> sayThree(LinePeer client) throws IOException {
        client.say("{\"data\":1}", "{\"data\":2}", "{\"data\":3}");
        return client.hearAll();
    }

    @Test
    @Tag("smoke")
    void connectsByPathAndTellsThePeer() throws IOException {
        LinePeer.serve(
                folder.resolve("socket"),
                LinePeer::hearAll,
                path -> assertThat(Connecting.connect(path)).isEqualTo("Remote address: " + path));
    }

    @Test
    void aFullBacklogIsWaitedForUntilTheTimeIsOver() throws IOException {
        var address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (var listener =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address, 1);
                var _ = SocketChannel.open(address);
                var _ = SocketChannel.open(address)) { // Linux takes one more than it is told
            assertThat(ConnectingInTime.connect(address.getPath(), SHORT)).isEqualTo("Could not connect in time");
            listener.accept().close();
            assertThat(ConnectingInTime.connect(address.getPath(), LONG))
                    .isEqualTo("Remote address: " + address.getPath());
        }
    }

    @Test
    void aConnectedSocketIsAdoptedAndClosed() throws IOException {
        LinePeer.serve(folder.resolve("socket"), LinePeer::hearAll, path -> {
            SocketChannel channel = AdoptedSocket.obtainConnectedSocket(path);
            assertThat(AdoptedSocket.adopt(channel)).isEqualTo("Remote address: " + path);
            assertThat(channel.isOpen()).isFalse();
        });
    }

    @Test
    void aSocketThatIsNotConnectedStaysTheCallers() throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThatThrownBy(() -> AdoptedSocket.adopt(channel)).isInstanceOf(NotYetConnectedException.class);
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Test
    void aPacketIsALine() throws IOException {
        assertThat(serve(LinePeer::hearAll, Sending::send)).containsExactly(PACKET);
    }

    @Test
    void packetsComeOneByOne() throws IOException {
        serve(PacketProgramsTest::sayThree, client -> {
            for (int i = 1; i <= 3; i++) {
                assertThat(Receiving.receive(client)).isEqualTo("Received packet: Data[data=" + i + "]");
            }
        });
    }

    @Test
    void aReceiveThatTimesOutLosesNothing() throws IOException {
        serve(
                peer -> {
                    peer.say(peer.hear());
                    return List.of();
                },
                client -> {
                    assertThat(Receiving.receiveInTime(client, SHORT)).isEqualTo("Timed out");
                    Sending.send(client);
                    assertThat(Receiving.receiveInTime(client, LONG)).isEqualTo("Received packet: Data[data=42]");
                });
    }

    @Test
    void whatIsInvalidIsToldAndTheNextPacketComes() throws IOException {
        serve(
                peer -> {
                    peer.say("{\"data\":", PACKET);
                    return peer.hearAll();
                },
                client -> {
                    assertThat(Receiving.receiveOrTell(client, LONG)).isEqualTo("Received something invalid");
                    assertThat(Receiving.receiveOrTell(client, LONG)).isEqualTo("Received packet: Data[data=42]");
                    assertThat(Receiving.receiveOrTell(client, SHORT)).isEqualTo("Timed out");
                });
    }

    @Test
    void allThatHasComeIsReceivedAtOnce() throws IOException {
        serve(PacketProgramsTest::sayThree, client -> {
            assertThat(Receiving.receive(client)).isEqualTo("Received packet: Data[data=1]");
            assertThat(ReceivingMany.receive(client)).isEqualTo("Received packets: [Data[data=2], Data[data=3]]");
            assertThat(ReceivingMany.receive(client)).isEqualTo("Received packets: []");
        });
    }

    @Test
    void theBudgetIsThatOfTheWholeCall() throws IOException {
        serve(PacketProgramsTest::sayThree, client -> {
            assertThat(ReceivingMany.receive(client, Duration.ofMillis(200)))
                    .isEqualTo("Received packets: [Data[data=1], Data[data=2], Data[data=3]], then NO_MORE");
            client.sendEof(); // so the peer ends, too
            assertThat(ReceivingMany.receive(client, LONG)).isEqualTo("Received packets: [], then END_OF_STREAM");
        });
    }

    @Test
    void afterTheEndOfTheSendingAnswersStillCome() throws IOException {
        assertThat(serve(
                        peer -> {
                            List<String> heard = peer.hearAll();
                            peer.say(PACKET);
                            return heard;
                        },
                        client -> {
                            Sending.send(client);
                            Sending.end(client);
                            assertThat(Receiving.receive(client)).isEqualTo("Received packet: Data[data=42]");
                        }))
                .containsExactly(PACKET);
    }

    @Test
    void aSmallReceiveSizeMakesNoDifferenceToThePacket() throws IOException {
        String spaces = " ".repeat(5_000);
        LinePeer.serve(
                folder.resolve("socket"),
                peer -> {
                    peer.say("{" + spaces + "\"data\":42}");
                    return peer.hearAll();
                },
                path -> assertThat(ReceiveSize.receive(path)).isEqualTo("Received packet: Data[data=42]"));
    }
}

package io.bobbinet.tests.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.DnsClient;
import io.bobbinet.examples.DnsClient.Type;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.testing.ReservedPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The example speaks with a real server, and does not let itself be fooled by others. */
@OnEachBackend
@DisplayName("DnsClientTest")
@Timeout(30)
class DnsClientTest {
    /** Three of these do not fit into 512 bytes. */
    private static final String LONG = "0123456789abcdef".repeat(15);

    private static ReservedPort port;
    private static PeerProcess dnsmasq;
    private static DnsClient client;

    @BeforeAll
    static void start() throws IOException {
        port = new ReservedPort();
        dnsmasq = PeerProcess.start(
                Peers.program("dnsmasq"),
                "--no-daemon",
                "--conf-file=/dev/null",
                "--pid-file=",
                "--user=" + System.getProperty("user.name"),
                "--no-resolv",
                "--no-hosts",
                "--bind-interfaces",
                "--listen-address=127.0.0.1",
                "--port=" + port.number(),
                "--local=/example/",
                "--host-record=host.example,192.0.2.7,2001:db8::7",
                "--cname=alias.example,host.example",
                "--host-record=xn--bcher-kva.example,192.0.2.8",
                "--txt-record=host.example,a text,in two parts",
                "--txt-record=long.example," + LONG + "," + LONG + "," + LONG);
        dnsmasq.awaitErrorLine(line -> line.contains("started, version"));
        client = new DnsClient(new InetSocketAddress("127.0.0.1", port.number()));
    }

    @AfterAll
    static void stop() throws IOException {
        if (dnsmasq != null) {
            dnsmasq.close();
        }
        port.close();
    }

    @Test
    void asksForAddresses() throws IOException {
        assertThat(client.query("host.example", Type.A)).containsExactly("192.0.2.7");
        assertThat(client.query("HOST.example.", Type.AAAA)).containsExactly("2001:db8:0:0:0:0:0:7");
        assertThat(client.query("bücher.example", Type.A)).containsExactly("192.0.2.8");
    }

    @Test
    void followsAnAlias() throws IOException {
        assertThat(client.query("alias.example", Type.A)).containsExactly("192.0.2.7");
    }

    @Test
    void asksForTexts() throws IOException {
        assertThat(client.query("host.example", Type.TXT)).containsExactly("a textin two parts");
    }

    @Test
    void aLongAnswerComesOverTcp() throws IOException {
        assertThat(client.query("long.example", Type.TXT)).containsExactly(LONG + LONG + LONG);
    }

    @Test
    void aNameWithoutRecordsIsNotAnUnknownName() throws IOException {
        assertThat(client.query("long.example", Type.A)).isEmpty();
        assertThatThrownBy(() -> client.query("nobody.example", Type.A))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("nobody.example");
    }

    @Test
    void anErrorOfTheServerIsTold() {
        assertThatThrownBy(() -> client.query("somewhere.else", Type.A))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("answers with the error 5"); // refused: it has nobody to ask
    }

    @Test
    void whatIsNoNameIsNotAsked() {
        assertThatIllegalArgumentException().isThrownBy(() -> client.query("a..example", Type.A));
    }

    @Test
    void aServerThatIsNotThereIsTold() throws IOException {
        UdpSocket gone = Udp.bind("127.0.0.1", 0);
        gone.close();
        assertThatThrownBy(() -> new DnsClient(gone.localAddress()).query("host.example", Type.A))
                .isInstanceOf(PortUnreachableException.class);
    }

    // -- servers that are not as they should be

    /** Makes answers. */
    private interface Answers {
        List<byte[]> to(byte[] question, int number) throws IOException;
    }

    /** Asks a server that answers the first question, the second and so on with these datagrams. */
    private static List<String> ask(Answers answers, List<byte[]> asked) throws IOException {
        try (UdpSocket server = Udp.bind("127.0.0.1", 0)) {
            return TaskGroup.call(group -> {
                var serving = group.fork(() -> server.forEach(packet -> {
                    asked.add(packet.data());
                    for (byte[] answer : answers.to(packet.data(), asked.size())) {
                        server.send(packet.reply(answer));
                    }
                }));
                List<String> records = new DnsClient(server.localAddress()).query("host.example", Type.A);
                serving.cancel();
                return records;
            });
        }
    }

    private static byte[] answer(byte[] question, int... record) {
        ByteBuffer answer = ByteBuffer.allocate(question.length + record.length);
        answer.put(question).putShort(2, (short) 0x8180).putShort(6, (short) 1);
        for (int each : record) {
            answer.put((byte) each);
        }
        return answer.array();
    }

    private static final int[] RECORD = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 11, 12, 13};

    @Test
    void aLostDatagramIsSentAgainWithAnotherNumber() throws IOException {
        List<byte[]> asked = new CopyOnWriteArrayList<>();
        assertThat(ask((question, number) -> number == 1 ? List.of() : List.of(answer(question, RECORD)), asked))
                .containsExactly("10.11.12.13");
        assertThat(asked).hasSize(2);
        assertThat(Arrays.copyOf(asked.get(0), 2)).isNotEqualTo(Arrays.copyOf(asked.get(1), 2));
    }

    @Test
    void answersToOthersAreNoAnswers() throws IOException {
        assertThat(ask(
                        (question, number) -> {
                            List<byte[]> answers = new ArrayList<>();
                            byte[] guessed = answer(question, RECORD);
                            guessed[0] ^= 1;
                            guessed[guessed.length - 1] = 66;
                            answers.add(guessed);
                            byte[] other = answer(question, RECORD);
                            other[13] ^= 0x20;
                            other[other.length - 1] = 66;
                            answers.add(other);
                            answers.add(question);
                            answers.add(new byte[0]);
                            answers.add(answer(question, RECORD));
                            return answers;
                        },
                        new ArrayList<>()))
                .containsExactly("10.11.12.13");
    }

    @Test
    void aNameThatPointsToItselfDoesNotGoOnForEver() {
        assertMalformed(0xc0, 30, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4);
        assertMalformed(1, 'a', 0xc0, 30, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4);
        assertMalformed(0x80, 0, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4);
    }

    @Test
    void aCutRecordIsMalformed() {
        assertMalformed(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 11, 12);
        assertMalformed(0xc0, 12, 0, 1, 0, 1);
        assertMalformed(0xc0);
    }

    private static void assertMalformed(int... record) {
        assertThatThrownBy(() ->
                        ask((question, number) -> List.of(answer(question, record)), new CopyOnWriteArrayList<>()))
                .isInstanceOf(ProtocolException.class);
    }
}

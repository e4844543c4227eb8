package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_2;
import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_3;
import static io.bobbinet.tests.tls.OpensslPeer.awaitLine;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsClientAuth;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our server, as {@code openssl s_client} sees it. */
@OnEachBackend
@DisplayName("OpensslClientTest")
@Timeout(30)
class OpensslClientTest {
    @TempDir
    private Path folder;

    private PeerCredentials credentials;

    @BeforeEach
    void credentials() {
        credentials = new PeerCredentials(folder);
    }

    private interface Conversation {
        void with(TlsStream stream, PeerProcess client) throws Exception;
    }

    /** A conversation with a client that verifies us. */
    private void talk(TlsOptions options, Conversation conversation, String... more) throws Exception {
        String[] verifying = {
            "-CAfile", credentials.ca(), "-verify_return_error", "-verify_hostname", "localhost",
        };
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, options);
                PeerProcess client = OpensslPeer.client(
                        OpensslPeer.port(listener),
                        Stream.concat(Arrays.stream(verifying), Arrays.stream(more))
                                .toArray(String[]::new));
                TlsStream stream = listener.accept()) {
            conversation.with(stream, client);
        }
    }

    private static void assertTalking(TlsStream stream, PeerProcess client) throws Exception {
        client.writeLine("hello");
        assertThat(receive(stream, 6)).isEqualTo("hello\n");
        stream.send("world\n".getBytes(UTF_8));
        awaitLine(client, "world");
    }

    private static String receive(TlsStream stream, int count) throws Exception {
        StringBuilder text = new StringBuilder();
        while (text.length() < count) {
            text.append(new String(stream.receive(count - text.length()), UTF_8));
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    @Tag("smoke")
    void verifiesUsAndAgreesWithUsAboutTheConnection(String protocol) throws Exception {
        talk(
                PeerCredentials.server(),
                (stream, client) -> {
                    stream.handshake();
                    String cipher = awaitLine(client, "New, ");
                    assertThat(cipher).startsWith("New, " + protocol + ", Cipher is ");
                    assertThat(stream.find(TlsAttributes.PROTOCOL)).contains(protocol);
                    String material = awaitLine(client, "Keying material: ").replace("Keying material: ", "");
                    Optional<byte[]> binding = stream.find(TlsAttributes.EXPORTER_BINDING);
                    if (protocol.equals("TLSv1.3")) {
                        assertThat(binding).contains(HexFormat.of().parseHex(material));
                    } else {
                        assertThat(binding).isEmpty();
                    }
                    assertThat(stream.find(TlsAttributes.PEER_CERTIFICATES)).isEmpty();
                    assertThat(stream.find(TlsAttributes.SERVER_SIDE)).contains(true);
                    assertTalking(stream, client);
                },
                OpensslPeer.only(protocol),
                "-keymatexport",
                "EXPORTER-Channel-Binding",
                "-keymatexportlen",
                "32");
    }

    @Test
    void theProtocolIsOurFavouriteAmongThoseOfTheClient() throws Exception {
        talk(
                PeerCredentials.server().withAlpn("smtp", "http/1.1", "h2"),
                (stream, client) -> {
                    stream.handshake();
                    awaitLine(client, "ALPN protocol: http/1.1");
                    assertThat(stream.find(TlsAttributes.ALPN)).contains("http/1.1");
                },
                "-alpn",
                "h2,http/1.1");
    }

    @Test
    void withoutAProtocolInCommonTheClientIsTold() throws Exception {
        talk(
                PeerCredentials.server().withAlpn("smtp"),
                (stream, client) -> {
                    assertThatThrownBy(stream::handshake).isInstanceOf(SSLHandshakeException.class);
                    client.awaitErrorLine(line -> line.contains("no application protocol"));
                    assertThat(client.awaitExit()).isEqualTo(1);
                },
                "-alpn",
                "h2");
    }

    @Test
    void withoutAVersionInCommonTheClientIsTold() throws Exception {
        talk(
                PeerCredentials.server().withProtocols(TLS_1_3),
                (stream, client) -> {
                    assertThatThrownBy(stream::handshake).isInstanceOf(SSLHandshakeException.class);
                    client.awaitErrorLine(line -> line.contains("alert protocol version"));
                    assertThat(client.awaitExit()).isEqualTo(1);
                },
                OpensslPeer.only(TLS_1_2));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void resumesASession(String protocol) throws Exception {
        TlsOptions options = PeerCredentials.server();
        String session = folder.resolve("session.pem").toString();
        talk(options, OpensslClientTest::assertTalking, OpensslPeer.only(protocol), "-sess_out", session);
        talk(
                options,
                (stream, client) -> {
                    stream.handshake();
                    awaitLine(client, "Reused, " + protocol);
                    assertTalking(stream, client);
                },
                OpensslPeer.only(protocol),
                "-sess_in",
                session);
    }

    @Test
    void theNameItAsksForChoosesTheCertificate() throws Exception {
        TlsOptions options = PeerCredentials.server()
                .withIdentityFor("one.example", identity("one.example", "localhost"))
                .withIdentityFor("*.two.example", identity("a.two.example", "localhost"));
        assertSubject(options, "one.example", "one.example");
        assertSubject(options, "b.two.example", "a.two.example");
        assertSubject(options, "three.example", "localhost");
    }

    private static TlsIdentity identity(String... names) {
        return PeerCredentials.identity(PeerCredentials.issue(names));
    }

    private void assertSubject(TlsOptions options, String asked, String subject) throws Exception {
        talk(
                options,
                (stream, client) -> {
                    stream.handshake();
                    awaitLine(client, "subject=CN=" + subject);
                    assertThat(stream.find(TlsAttributes.SERVER_NAME)).contains(asked);
                },
                "-servername",
                asked);
    }

    // -- certificates of clients

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itsCertificateIsKnownIfWeAskForIt(String protocol) throws Exception {
        Optional<X509Certificate> alice = Optional.of(PeerCredentials.ALICE.certificate());
        for (TlsClientAuth asking : TlsClientAuth.values()) {
            talk(
                    PeerCredentials.server().withClientAuth(asking),
                    (stream, client) -> {
                        assertTalking(stream, client);
                        assertThat(stream.find(TlsAttributes.PEER_CERTIFICATES).map(List::getFirst))
                                .isEqualTo(asking == TlsClientAuth.NONE ? Optional.empty() : alice);
                    },
                    OpensslPeer.only(protocol),
                    "-cert",
                    credentials.alicePem());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void withoutACertificateItMayComeIfWeOnlyWantOne(String protocol) throws Exception {
        talk(
                PeerCredentials.server().withClientAuth(TlsClientAuth.WANT),
                (stream, client) -> {
                    assertTalking(stream, client);
                    assertThat(stream.find(TlsAttributes.PEER_CERTIFICATES)).isEmpty();
                },
                OpensslPeer.only(protocol));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void withoutACertificateThatWeNeedItIsTurnedAwayAndTold(String protocol) throws Exception {
        talk(
                PeerCredentials.server().withClientAuth(TlsClientAuth.NEED),
                (stream, client) -> {
                    assertThatThrownBy(stream::handshake).isInstanceOf(SSLHandshakeException.class);
                    client.awaitErrorLine(line -> line.contains("alert"));
                    assertThat(client.awaitExit()).isEqualTo(1);
                },
                OpensslPeer.only(protocol));
    }

    // -- key updates

    @Test
    void keysAreChangedAtItsWish() throws Exception {
        talk(
                PeerCredentials.server(),
                (stream, client) -> {
                    for (String command : List.of("K", "k", "K")) {
                        assertTalking(stream, client);
                        client.writeLine(command);
                        client.awaitErrorLine("KEYUPDATE"::equals);
                    }
                    assertTalking(stream, client);
                },
                OpensslPeer.only(TLS_1_3));
    }

    // -- the end

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void closingIsAnOrderlyEndForIt(String protocol) throws Exception {
        talk(
                PeerCredentials.server(),
                (stream, client) -> {
                    assertTalking(stream, client);
                    stream.close();
                    awaitLine(client, "closed");
                    assertThat(client.awaitExit()).isZero();
                },
                OpensslPeer.only(protocol));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itsEndIsAnOrderlyEndForUs(String protocol) throws Exception {
        talk(
                PeerCredentials.server(),
                (stream, client) -> {
                    assertTalking(stream, client);
                    client.closeInput();
                    assertThatThrownBy(stream::receive).isInstanceOf(EndOfStreamException.class);
                    assertThatThrownBy(stream::receive).isInstanceOf(EndOfStreamException.class);
                },
                OpensslPeer.only(protocol));
    }

    @Test
    void theEndOfOurSendingIsAnOrderlyEndForIt() throws Exception {
        talk(
                PeerCredentials.server(),
                (stream, client) -> {
                    assertTalking(stream, client);
                    stream.sendEof();
                    awaitLine(client, "closed");
                    assertThat(client.awaitExit()).isZero();
                    assertThatThrownBy(stream::receive).isInstanceOf(EndOfStreamException.class);
                },
                OpensslPeer.only(TLS_1_3));
    }

    @Test
    void itsDeathIsATruncationUnlessWeAreLenient() throws Exception {
        for (TlsEnd end : TlsEnd.values()) {
            talk(PeerCredentials.server().withEnd(end), (stream, client) -> {
                assertTalking(stream, client);
                client.kill();
                assertThatThrownBy(stream::receive)
                        .isInstanceOf(
                                end == TlsEnd.STRICT ? BrokenResourceException.class : EndOfStreamException.class);
            });
        }
    }

    // -- STARTTLS

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void upgradesInTheMiddleOfAConversationBySmtp(String protocol) throws Exception {
        List<String> lines = new ArrayList<>();
        AtomicReference<TlsStream> upgraded = new AtomicReference<>();
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                PeerProcess client = OpensslPeer.client(
                        OpensslPeer.port(listener),
                        OpensslPeer.only(protocol),
                        "-starttls",
                        "smtp",
                        "-crlf",
                        "-CAfile",
                        credentials.ca(),
                        "-verify_return_error");
                BufferedByteStream stream = BufferedByteStream.over(listener.accept())) {
            stream.send("220 ready\r\n".getBytes(UTF_8));
            client.writeLine("NOOP");
            stream.forEachDelimited("\r\n".getBytes(UTF_8), 100, line -> {
                String command = new String(line, UTF_8);
                lines.add(command);
                switch (command.substring(0, 4)) {
                    case "EHLO" -> stream.send("250-hello\r\n250 STARTTLS\r\n".getBytes(UTF_8));
                    case "STAR" -> {
                        stream.send("220 go ahead\r\n".getBytes(UTF_8));
                        upgraded.set(stream.upgrade(below -> Tls.server(below, PeerCredentials.server())));
                    }
                    case "NOOP" -> {
                        stream.send("250 well\r\n".getBytes(UTF_8));
                        awaitLine(client, "250 well");
                        client.closeInput();
                    }
                    default -> throw new AssertionError(command);
                }
            });
            assertThat(upgraded.get().find(TlsAttributes.PROTOCOL)).contains(protocol);
        }
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("EHLO ");
        assertThat(lines.subList(1, 3)).containsExactly("STARTTLS", "NOOP");
    }
}

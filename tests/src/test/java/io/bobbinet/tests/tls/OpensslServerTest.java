package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_2;
import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_3;
import static io.bobbinet.tests.tls.OpensslPeer.awaitLine;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client, as {@code openssl s_server} sees it. */
@OnEachBackend
@DisplayName("OpensslServerTest")
@Timeout(30)
class OpensslServerTest {
    @TempDir
    private Path folder;

    private PeerCredentials credentials;

    @BeforeEach
    void credentials() {
        credentials = new PeerCredentials(folder);
    }

    private PeerProcess serve(String... more) throws Exception {
        List<String> options = new ArrayList<>(List.of("-cert", credentials.serverPem()));
        options.addAll(Arrays.asList(more));
        return OpensslPeer.server(options.toArray(String[]::new));
    }

    private static TlsStream connect(int port, TlsOptions options) throws Exception {
        return Tls.connect("127.0.0.1", port, options);
    }

    private interface Conversation {
        void with(TlsStream stream, PeerProcess server) throws Exception;
    }

    private void talk(TlsOptions options, Conversation conversation, String... more) throws Exception {
        try (PeerProcess server = serve(more);
                TlsStream stream = connect(OpensslPeer.awaitPort(server), options)) {
            conversation.with(stream, server);
        }
    }

    private static void assertTalking(TlsStream stream, PeerProcess server) throws Exception {
        stream.send("hello\n".getBytes(UTF_8));
        awaitLine(server, "hello");
        server.writeLine("world");
        StringBuilder text = new StringBuilder();
        while (text.length() < 6) {
            text.append(new String(stream.receive(6 - text.length()), UTF_8));
        }
        assertThat(text).hasToString("world\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    @Tag("smoke")
    void agreesWithUsAboutTheConnection(String protocol) throws Exception {
        talk(
                PeerCredentials.client(),
                (stream, server) -> {
                    assertThat(stream.find(TlsAttributes.PROTOCOL)).contains(protocol);
                    String material = awaitLine(server, "Keying material: ").replace("Keying material: ", "");
                    Optional<byte[]> binding = stream.find(TlsAttributes.EXPORTER_BINDING);
                    if (protocol.equals("TLSv1.3")) {
                        assertThat(binding).contains(HexFormat.of().parseHex(material));
                    } else {
                        assertThat(binding).isEmpty();
                    }
                    byte[] certificate = PeerCredentials.SERVER.certificate().getEncoded();
                    assertThat(stream.find(TlsAttributes.SERVER_END_POINT_BINDING))
                            .contains(MessageDigest.getInstance("SHA-256").digest(certificate));
                    assertThat(stream.find(TlsAttributes.PEER_CERTIFICATES)).contains(PeerCredentials.SERVER.chain());
                    assertThat(stream.find(TlsAttributes.LOCAL_CERTIFICATES)).isEmpty();
                    assertTalking(stream, server);
                },
                OpensslPeer.only(protocol),
                "-keymatexport",
                "EXPORTER-Channel-Binding",
                "-keymatexportlen",
                "32");
    }

    @Test
    void theProtocolIsItsFavouriteAmongOurs() throws Exception {
        talk(
                PeerCredentials.client().withAlpn("h2", "http/1.1"),
                (stream, server) -> {
                    awaitLine(server, "ALPN protocols advertised by the client: h2, http/1.1");
                    assertThat(stream.find(TlsAttributes.ALPN)).contains("http/1.1");
                },
                "-alpn",
                "smtp,http/1.1,h2");
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void aSessionIsResumed(String protocol) throws Exception {
        TlsOptions options = PeerCredentials.client();
        try (PeerProcess server = serve(OpensslPeer.only(protocol))) {
            int port = OpensslPeer.awaitPort(server);
            try (TlsStream first = connect(port, options)) {
                assertTalking(first, server);
            }
            try (TlsStream second = connect(port, options.withEnd(TlsEnd.LENIENT))) {
                awaitLine(server, "Reused session-id");
                assertTalking(second, server);
                assertThat(second.find(TlsAttributes.PEER_CERTIFICATES)).contains(PeerCredentials.SERVER.chain());
            }
        }
    }

    @Test
    void theNameWeVerifyIsTheNameItSees() throws Exception {
        String[] names = {
            "-servername",
            "other.example",
            "-servername_fatal",
            "-cert2",
            credentials.pem("other", PeerCredentials.issue("other.example")),
        };
        talk(
                PeerCredentials.client().withServerName("other.example"),
                (stream, server) -> {
                    awaitLine(server, "Hostname in TLS extension: \"other.example\"");
                    assertThat(stream.find(TlsAttributes.SERVER_NAME)).contains("other.example");
                    assertTalking(stream, server);
                },
                names);
        assertThatThrownBy(() -> talk(PeerCredentials.client().withServerName("localhost"), (s, o) -> {}, names))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("unrecognized_name");
    }

    @Test
    void aServerWithTheWrongNameIsRefusedAndTold() throws Exception {
        try (PeerProcess server = serve(OpensslPeer.only(TLS_1_3))) {
            int port = OpensslPeer.awaitPort(server);
            assertThatThrownBy(() -> connect(port, PeerCredentials.client().withServerName("other.example")))
                    .isInstanceOf(SSLHandshakeException.class);
            server.awaitErrorLine(line -> line.contains("alert certificate unknown"));
        }
    }

    // -- certificates of clients

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itsWishForACertificateIsGranted(String protocol) throws Exception {
        talk(
                PeerCredentials.client().withIdentity(PeerCredentials.identity(PeerCredentials.ALICE)),
                (stream, server) -> {
                    awaitLine(server, "subject=CN=alice");
                    assertTalking(stream, server);
                    assertThat(stream.find(TlsAttributes.LOCAL_CERTIFICATES)).contains(PeerCredentials.ALICE.chain());
                },
                OpensslPeer.only(protocol),
                "-Verify",
                "1",
                "-verify_return_error",
                "-CAfile",
                credentials.ca());
    }

    @Test
    void aMissingCertificateFailsTheHandshakeBeforeTls13() {
        assertThatThrownBy(
                        () -> talk(PeerCredentials.client(), (s, o) -> {}, OpensslPeer.only(TLS_1_2), "-Verify", "1"))
                .isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void aMissingCertificateFailsTheFirstReceiveSinceTls13() throws Exception {
        talk(
                PeerCredentials.client(),
                (stream, server) -> {
                    assertThatThrownBy(stream::receive)
                            .isInstanceOf(SSLHandshakeException.class)
                            .hasMessageContaining("certificate_required");
                    assertThatThrownBy(stream::receive).isInstanceOf(BrokenResourceException.class);
                    assertThatThrownBy(() -> stream.send(new byte[1])).isInstanceOf(BrokenResourceException.class);
                },
                OpensslPeer.only(TLS_1_3),
                "-Verify",
                "1");
    }

    // -- key updates

    @Test
    void keysAreChangedAtItsWish() throws Exception {
        talk(
                PeerCredentials.client(),
                (stream, server) -> {
                    for (String command : List.of("K", "k", "K")) {
                        assertTalking(stream, server);
                        server.writeLine(command);
                    }
                    assertTalking(stream, server);
                },
                OpensslPeer.only(TLS_1_3));
    }

    // -- the end

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itsEndIsAnOrderlyEnd(String protocol) throws Exception {
        // Which sends back what it gets reversed, until it is told to close.
        talk(
                PeerCredentials.client(),
                (stream, server) -> {
                    stream.send("olleh\nCLOSE\n".getBytes(UTF_8));
                    assertThat(stream.receive()).isEqualTo("hello\n".getBytes(UTF_8));
                    assertThatThrownBy(stream::receive).isInstanceOf(EndOfStreamException.class);
                    assertThatThrownBy(stream::receive).isInstanceOf(EndOfStreamException.class);
                },
                OpensslPeer.only(protocol),
                "-rev");
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void ourEndIsAnOrderlyEndForIt(String protocol) throws Exception {
        talk(
                PeerCredentials.client(),
                (stream, server) -> {
                    assertTalking(stream, server);
                    stream.close();
                    awaitLine(server, "DONE");
                },
                OpensslPeer.only(protocol));
    }

    @Test
    void itsDeathIsATruncationUnlessWeAreLenient() throws Exception {
        for (TlsEnd end : TlsEnd.values()) {
            talk(PeerCredentials.client().withEnd(end), (stream, server) -> {
                assertTalking(stream, server);
                server.kill();
                assertThatThrownBy(stream::receive)
                        .isInstanceOf(
                                end == TlsEnd.STRICT ? BrokenResourceException.class : EndOfStreamException.class);
            });
        }
    }
}

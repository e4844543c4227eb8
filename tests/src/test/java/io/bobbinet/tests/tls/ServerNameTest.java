package io.bobbinet.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.Unix;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The names that a client asks a real server for, and verifies. */
@OnEachBackend
@DisplayName("ServerNameTest")
@Timeout(30)
class ServerNameTest {
    private static final String ASCII = "xn--bcher-kva.example";

    @TempDir
    private Path folder;

    private PeerProcess serve(String... names) throws Exception {
        String pem = new PeerCredentials(folder).pem("named", PeerCredentials.issue(names));
        // It tells what name it was asked for only if there is another, with another certificate.
        return OpensslPeer.server("-cert", pem, "-servername", "another.example", "-cert2", pem);
    }

    private static TlsStream connect(String host, PeerProcess server) throws Exception {
        int port = OpensslPeer.awaitPort(server);
        return Tls.connector(
                        Tcp.connector(host, port).withResolver(h -> List.of(InetAddress.ofLiteral("127.0.0.1"))),
                        PeerCredentials.client())
                .connect();
    }

    @Test
    void anInternationalNameIsAskedForAndVerifiedInAscii() throws Exception {
        try (PeerProcess server = serve(ASCII);
                TlsStream stream = connect("bücher.example", server)) {
            OpensslPeer.awaitLine(server, "Hostname in TLS extension: \"" + ASCII + "\"");
            assertThat(stream.find(TlsAttributes.SERVER_NAME)).contains(ASCII);
        }
        try (PeerProcess server = serve("bucher.example")) {
            assertThatThrownBy(() -> connect("bücher.example", server))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining(ASCII);
        }
    }

    @Test
    void aNameThatTheStandardsDisagreeAboutIsRefused() {
        assertThatThrownBy(() -> Tls.connect("straße.example", 1))
                .isInstanceOfAny(UnknownHostException.class, IllegalArgumentException.class)
                .hasMessageContaining("xn--");
        assertThatThrownBy(() -> TlsOptions.defaults().withServerName("straße.example"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("xn--");
    }

    @Test
    void anAddressIsVerifiedAmongTheAddressesOfTheCertificate() throws Exception {
        try (PeerProcess server = serve("127.0.0.1", "localhost");
                TlsStream stream = connect("127.0.0.1", server)) {
            assertThat(stream.find(TlsAttributes.SERVER_NAME)).contains("127.0.0.1");
        }
        try (PeerProcess server = serve("localhost")) {
            assertThatThrownBy(() -> connect("127.0.0.1", server)).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void aConnectorToNoHostMustBeToldAName() {
        var unix = Unix.connector(folder.resolve("nothing"));
        assertThatThrownBy(() -> Tls.connector(unix, PeerCredentials.client()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("withServerName");
        assertThat(Tls.connector(unix, PeerCredentials.client().withServerName("localhost"))
                        .find(TlsAttributes.SERVER_SIDE))
                .contains(false);
    }
}

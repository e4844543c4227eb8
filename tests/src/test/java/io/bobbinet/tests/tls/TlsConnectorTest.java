package io.bobbinet.tests.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Unix;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.Certificates;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsClientAuth;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways to a TLS connection, and what is refused before one is made. */
@OnEachBackend
@DisplayName("TlsConnectorTest")
@Timeout(30)
class TlsConnectorTest {
    private static final TlsOptions OPTIONS = TlsPairs.OPTIONS;

    /** The same without a name of a server. */
    private static final TlsOptions NAMELESS = TlsOptions.defaults()
            .withTrust(TlsTrust.ofKeyStore(TlsPairs.AUTHORITY.trustStore()))
            .withIdentity(TlsIdentity.ofKeyStore(
                    TlsPairs.AUTHORITY.issue("localhost").keyStore(TlsPairs.PASSWORD), TlsPairs.PASSWORD));

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static int port(Listener<?> listener) {
        return ((InetSocketAddress)
                        listener.find(SocketAttributes.LOCAL_ADDRESS).orElseThrow())
                .getPort();
    }

    /** Runs a client against a listener that echoes until the end. */
    private static void echoing(Listener<? extends ByteStream> listener, ThrowingConsumer<Integer, IOException> client)
            throws IOException {
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(stream -> stream.forEach(stream::send)));
            client.accept(port(listener));
            listener.drain(ofSeconds(10));
        });
    }

    private static void assertEchoes(ByteStream stream) throws IOException {
        stream.send(bytes("hello"));
        assertThat(stream.receive()).isEqualTo(bytes("hello"));
    }

    @Test
    @Tag("smoke")
    void oneCallConnects() throws IOException {
        echoing(Tls.listen("localhost", 0, NAMELESS), port -> {
            try (var client = Tls.connect("localhost", port, NAMELESS)) {
                assertEchoes(client);
                assertThat(client.find(SocketAttributes.PEER_ADDRESS)).isPresent();
            }
        });
    }

    @Test
    void platformDoesNotTrustOurAuthority_AndTheSocketIsClosed() throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            TaskGroup.run(group -> {
                Task<?> server = group.fork(() -> {
                    try (var below = listener.accept()) {
                        assertThatThrownBy(() -> Tls.server(below, NAMELESS)).isInstanceOf(SSLHandshakeException.class);
                    }
                });
                assertThatThrownBy(() ->
                                Tls.connect("localhost", listener.localAddress().getPort()))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining("localhost")
                        .hasMessageContaining("withTrust");
                server.join();
            });
        }
    }

    @Test
    void failedHandshakeOfAConnectClosesTheSocket() throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            TaskGroup.run(group -> {
                Task<?> server = group.fork(() -> {
                    try (var raw = listener.accept()) {
                        raw.receive();
                        raw.send(bytes("220 this is not TLS\r\n"));
                        assertThatThrownBy(() -> {
                                    while (true) {
                                        raw.receive();
                                    }
                                })
                                .isInstanceOfAny(EndOfStreamException.class, BrokenResourceException.class);
                    }
                });
                assertThatThrownBy(() ->
                                Tls.connect("127.0.0.1", listener.localAddress().getPort(), NAMELESS))
                        .isInstanceOf(SSLHandshakeException.class);
                server.join();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cancelledHandshakeOfAConnectClosesTheSocket(boolean byDeadline) throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            TaskGroup.run(group -> {
                var scope = CancelScope.create();
                Task<?> client = group.fork(() -> scope.run(() -> {
                    int port = listener.localAddress().getPort();
                    Tls.connect("127.0.0.1", port, NAMELESS.withHandshakeTimeout(Duration.ofDays(1)));
                }));
                try (var raw = listener.accept()) {
                    raw.receive(); // the ClientHello is there, and the client waits for an answer
                    Blocked.await(client);
                    if (byDeadline) {
                        scope.moveDeadline(io.bobbinet.task.Deadline.after(Duration.ZERO));
                    } else {
                        scope.cancel();
                    }
                    assertThatThrownBy(raw::receive)
                            .isInstanceOfAny(EndOfStreamException.class, BrokenResourceException.class);
                }
                assertThat(scope.isCancelled()).isTrue();
            });
        }
    }

    @Test
    void handshakeOfAClientHasATimeLimitOfItsOwn() throws IOException {
        VirtualTime.<IOException>run(time -> {
            var below = MemoryByteStream.pair();
            TaskGroup.run(group -> {
                Task<?> client = group.fork(() -> assertThatThrownBy(() -> Tls.client(below.left(), OPTIONS))
                        .isInstanceOf(TimedOutException.class)
                        .hasMessageContaining("localhost"));
                Blocked.await(client);
                time.advance(ofSeconds(30));
            });
            assertThatThrownBy(() -> below.left().receive()).isInstanceOf(ClosedResourceException.class);
        });
    }

    @Test
    void cancelledWrapClosesTheStreamBelow() throws IOException {
        var below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<?> client = group.fork(() ->
                    assertThatThrownBy(() -> Tls.client(below.left(), OPTIONS)).isInstanceOf(CancelledException.class));
            Blocked.await(client);
            client.cancel("enough");
        });
        below.right().receive(); // the ClientHello
        assertThatThrownBy(() -> below.right().receive()).isInstanceOf(EndOfStreamException.class);
    }

    @Test
    void connectorVerifiesTheHostItGoesTo() throws IOException {
        echoing(Tls.listener(Tcp.listen("127.0.0.1", 0), NAMELESS), port -> {
            Connector<TlsStream> byName = Tls.connector(Tcp.connector("localhost", port), NAMELESS);
            for (int i = 0; i < 2; i++) {
                try (var client = byName.connect()) {
                    assertEchoes(client);
                }
            }
            assertThat(byName.find(Attribute.REMOTE_HOST)).contains("localhost");
            assertThat(byName.find(TlsAttributes.END)).contains(TlsEnd.STRICT);
            Connector<TlsStream> byAddress = Tls.connector(Tcp.connector("127.0.0.1", port), NAMELESS);
            assertThatThrownBy(byAddress::connect)
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("127.0.0.1");
            Connector<TlsStream> named =
                    Tls.connector(Tcp.connector("127.0.0.1", port), NAMELESS.withServerName("localhost"));
            try (var client = named.connect()) {
                assertEchoes(client);
            }
        });
    }

    @Test
    void connectorWithoutAHostNeedsAName(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("socket");
        assertThatThrownBy(() -> Tls.connector(Unix.connector(path), NAMELESS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("withServerName");
        assertThatThrownBy(() -> Tls.client(MemoryByteStream.pair().left(), NAMELESS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("withServerName");
        var listener = Tls.listener(Unix.binder(path).withDeleteOnClose().listen(), NAMELESS);
        TaskGroup.run(group -> {
            group.fork(() -> listener.forEach(client -> {
                try (client) {
                    client.forEach(client::send);
                }
            }));
            var connector = Tls.connector(Unix.connector(path), NAMELESS.withServerName("localhost"));
            try (var client = connector.connect()) {
                assertEchoes(client);
            }
            listener.close();
        });
    }

    @Test
    void connectorOverMemoryWorksToTheEnd() throws IOException {
        TaskGroup.run(group -> {
            Connector<MemoryByteStream> memory = () -> {
                var pair = MemoryByteStream.pair();
                group.fork(() -> {
                    try (var server = Tls.server(pair.right(), NAMELESS)) {
                        server.forEach(server::send);
                    }
                });
                return pair.left();
            };
            try (var client = Tls.connector(memory, OPTIONS).connect()) {
                assertEchoes(client);
            }
        });
    }

    @Test
    void sessionsOfTrustThatIsNoMoreAreNotResumed(@TempDir Path folder) throws IOException {
        Path file = TlsPairs.AUTHORITY.write(folder.resolve("authorities.pem"));
        TlsOptions server = NAMELESS.withTrust(TlsTrust.only(file)).withClientAuth(TlsClientAuth.NEED);
        TlsOptions client = NAMELESS.withIdentity(TlsIdentity.ofKeyStore(
                        TlsPairs.AUTHORITY.issueClient("alice").keyStore(TlsPairs.PASSWORD), TlsPairs.PASSWORD))
                .withServerName("localhost");
        exchange(client, server);
        exchange(client, server); // resumed
        Certificates.authority("Another").write(file);
        assertThatThrownBy(() -> exchange(client, server))
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(SSLException.class),
                        e -> assertThat(e).isInstanceOf(BrokenResourceException.class));
    }

    private static void exchange(TlsOptions client, TlsOptions server) throws IOException {
        var pair = TlsPairs.over(MemoryByteStream.pair(), client, server);
        pair.right().send(bytes("with the tickets"));
        pair.left().receive();
        pair.left().close();
        pair.right().close();
    }

    @Test
    void contextOfAnyProviderIsUsedAsItIs() throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, null, null);
        var below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            group.fork(() -> assertThatThrownBy(() -> Tls.server(below.right(), OPTIONS))
                    .isInstanceOf(SSLHandshakeException.class));
            assertThatThrownBy(() -> Tls.client(
                            below.left(),
                            TlsOptions.defaults().withContext(context).withServerName("localhost")))
                    .isInstanceOf(SSLHandshakeException.class);
        });
        assertThatThrownBy(() -> OPTIONS.withContext(context)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TlsOptions.defaults().withContext(context).withTrust(TlsTrust.platform()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void badOptionsAreRefusedBeforeAnythingIsOpened() throws IOException {
        var below = MemoryByteStream.pair();
        assertThatThrownBy(() -> Tls.server(below.right(), TlsOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("withIdentity");
        assertThatThrownBy(() -> Tls.listen(0, TlsOptions.defaults())).isInstanceOf(IllegalArgumentException.class);
        TlsIdentity identity = TlsIdentity.ofKeyStore(
                TlsPairs.AUTHORITY.issue("localhost").keyStore(TlsPairs.PASSWORD), TlsPairs.PASSWORD);
        assertThatThrownBy(() -> Tls.server(
                        below.right(),
                        TlsOptions.defaults().withIdentity(identity).withClientAuth(TlsClientAuth.WANT)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("withTrust");
        assertThatThrownBy(() -> Tls.client(below.left(), OPTIONS.withProtocols("TLSv9")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TLSv9");
        assertThatThrownBy(() -> Tls.client(below.left(), OPTIONS.withCipherSuites("NONSENSE")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NONSENSE");
        for (String name : new String[] {"", "a b", "a..b", "fa\u00df.de", "x".repeat(64)}) {
            assertThatThrownBy(() -> OPTIONS.withServerName(name))
                    .describedAs(name)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> OPTIONS.withHandshakeTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OPTIONS.withHandshakeTimeout(ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OPTIONS.withAlpn("")).isInstanceOf(IllegalArgumentException.class);
        // The streams are as they were.
        below.left().send(bytes("plain"));
        assertThat(below.right().receive()).isEqualTo(bytes("plain"));
    }

    @Test
    void namesThatAreNotAsciiAreTranslated() throws IOException {
        TlsOptions server = NAMELESS.withIdentity(TlsIdentity.ofKeyStore(
                TlsPairs.AUTHORITY.issue("xn--bcher-kva.example").keyStore(TlsPairs.PASSWORD), TlsPairs.PASSWORD));
        var pair = TlsPairs.over(MemoryByteStream.pair(), NAMELESS.withServerName("b\u00fccher.example."), server);
        assertThat(pair.left().find(TlsAttributes.SERVER_NAME)).contains("xn--bcher-kva.example");
        assertThat(pair.right().find(TlsAttributes.SERVER_NAME)).contains("xn--bcher-kva.example");
        pair.left().close();
        pair.right().close();
    }

    @Test
    void hostThatNoCertificateIsForIsRefusedAtOnceAndMayBeCalledOtherwise() throws IOException {
        assertThatThrownBy(() -> Tls.connect("my_service", 1, NAMELESS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("my_service")
                .hasMessageContaining("withServerName");
        assertThat(Tls.connector(Tcp.connector("my_service", 1), OPTIONS).find(Attribute.REMOTE_HOST))
                .contains("my_service");
    }

    @Test
    void serverChoosesTheIdentityByName() throws IOException {
        TlsOptions server = NAMELESS.withIdentityFor("one.example", identity("one.example"))
                .withIdentityFor("*.two.example", identity("*.two.example"));
        for (String name : new String[] {"one.example", "ONE.example", "a.two.example", "localhost"}) {
            var pair = TlsPairs.over(MemoryByteStream.pair(), NAMELESS.withServerName(name), server);
            pair.left().close();
            pair.right().close();
        }
        var below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            TlsOptions strict = TlsOptions.defaults().withIdentityFor("one.example", identity("one.example"));
            group.fork(() -> assertThatThrownBy(() -> Tls.server(below.right(), strict))
                    .isInstanceOf(SSLHandshakeException.class));
            assertThatThrownBy(() -> Tls.client(below.left(), NAMELESS.withServerName("other.example")))
                    .isInstanceOf(SSLHandshakeException.class);
        });
    }

    private static TlsIdentity identity(String name) {
        return TlsIdentity.ofKeyStore(TlsPairs.AUTHORITY.issue(name).keyStore(TlsPairs.PASSWORD), TlsPairs.PASSWORD);
    }
}

package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_2;
import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_3;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS as the JDK's own sockets speak it, in both roles. */
@OnEachBackend
@DisplayName("JsseTest")
@Timeout(30)
class JsseTest {
    private static final byte[] HELLO = "hello".getBytes(UTF_8);

    /** The mark of a new session, and of one that was marked. */
    private static final @Nullable String[] MARKS = {null, "marked"};

    private interface Conversation {
        void between(TlsStream ours, SSLSocket theirs) throws Exception;
    }

    private static void asServer(TlsOptions options, SSLContext context, Conversation conversation) throws Exception {
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, options)) {
            asServer(listener, context, conversation);
        }
    }

    private static void asServer(Listener<TlsStream> listener, SSLContext context, Conversation conversation)
            throws Exception {
        try (SSLSocket socket =
                        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", OpensslPeer.port(listener));
                TlsStream stream = listener.accept()) {
            FutureTask<Void> handshaking = new FutureTask<>(() -> {
                socket.startHandshake();
                return null;
            });
            Thread.ofPlatform().daemon().start(handshaking);
            stream.handshake();
            handshaking.get();
            conversation.between(stream, socket);
        }
    }

    private static SSLServerSocket listen(SSLContext context) throws IOException {
        return (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    }

    private static void asClient(TlsOptions options, SSLServerSocket server, Conversation conversation)
            throws Exception {
        FutureTask<SSLSocket> accepting = new FutureTask<>(() -> {
            SSLSocket socket = (SSLSocket) server.accept();
            socket.startHandshake();
            return socket;
        });
        Thread.ofPlatform().daemon().start(accepting);
        try (TlsStream stream = Tls.connect("127.0.0.1", server.getLocalPort(), options);
                SSLSocket socket = accepting.get()) {
            conversation.between(stream, socket);
        }
    }

    private static void assertTalking(TlsStream ours, SSLSocket theirs) throws IOException {
        theirs.getOutputStream().write(HELLO);
        assertThat(ours.receive()).isEqualTo(HELLO);
        ours.send(HELLO);
        assertThat(theirs.getInputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
    }

    // -- ends of one direction

    private static void assertHalvesCloseOneByOne(TlsStream ours, SSLSocket theirs) throws IOException {
        ours.sendEof();
        assertThat(theirs.getInputStream().read()).isEqualTo(-1);
        theirs.getOutputStream().write(HELLO);
        assertThat(ours.receive()).isEqualTo(HELLO);
        theirs.shutdownOutput();
        assertThatThrownBy(ours::receive).isInstanceOf(EndOfStreamException.class);
    }

    private static void assertTheirHalfClosesFirst(TlsStream ours, SSLSocket theirs) throws IOException {
        theirs.shutdownOutput();
        assertThatThrownBy(ours::receive).isInstanceOf(EndOfStreamException.class);
        ours.send(HELLO);
        ours.sendEof();
        assertThat(theirs.getInputStream().readAllBytes()).isEqualTo(HELLO);
    }

    @Test
    void eachDirectionEndsAloneSinceTls13() throws Exception {
        asServer(PeerCredentials.server(), PeerCredentials.context(), (ours, theirs) -> {
            assertTalking(ours, theirs);
            assertHalvesCloseOneByOne(ours, theirs);
        });
        asServer(PeerCredentials.server(), PeerCredentials.context(), (ours, theirs) -> {
            assertTalking(ours, theirs);
            assertTheirHalfClosesFirst(ours, theirs);
        });
        try (SSLServerSocket server = listen(PeerCredentials.context())) {
            asClient(PeerCredentials.client(), server, (ours, theirs) -> {
                assertTalking(ours, theirs);
                assertHalvesCloseOneByOne(ours, theirs);
            });
            asClient(PeerCredentials.client(), server, (ours, theirs) -> {
                assertTalking(ours, theirs);
                assertTheirHalfClosesFirst(ours, theirs);
            });
        }
    }

    @Test
    void noDirectionEndsAloneBeforeTls13() throws Exception {
        asServer(PeerCredentials.server().withProtocols(TLS_1_2), PeerCredentials.context(), (ours, theirs) -> {
            assertTalking(ours, theirs);
            assertThatThrownBy(ours::sendEof)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining(TLS_1_2);
            assertTalking(ours, theirs);
        });
    }

    // -- sessions

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void theirClientResumesItsSession(String protocol) throws Exception {
        TlsOptions options = PeerCredentials.server().withProtocols(protocol);
        SSLContext context = PeerCredentials.context();
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, options)) {
            for (String expected : MARKS) {
                asServer(listener, context, (ours, theirs) -> {
                    assertTalking(ours, theirs);
                    assertThat(theirs.getSession().getValue("mark")).isEqualTo(expected);
                    theirs.getSession().putValue("mark", "marked");
                });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void ourClientResumesItsSession(String protocol) throws Exception {
        TlsOptions options = PeerCredentials.client().withProtocols(protocol);
        try (SSLServerSocket server = listen(PeerCredentials.context())) {
            for (String expected : MARKS) {
                asClient(options, server, (ours, theirs) -> {
                    assertTalking(ours, theirs);
                    var session = ours.find(TlsAttributes.SESSION).orElseThrow();
                    assertThat(session.getValue("mark")).isEqualTo(expected);
                    session.putValue("mark", "marked");
                });
            }
        }
    }

    // -- trust

    @Test
    void aServerOfAnUnknownAuthorityIsRefused() throws Exception {
        try (SSLServerSocket server = listen(PeerCredentials.context())) {
            FutureTask<Void> accepting = new FutureTask<>(() -> {
                try (SSLSocket socket = (SSLSocket) server.accept()) {
                    // Our alert, or a broken pipe: it sends its part in pieces and may not have got to reading.
                    assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
                }
                return null;
            });
            Thread.ofPlatform().daemon().start(accepting);
            assertThatThrownBy(() -> Tls.connect("127.0.0.1", server.getLocalPort()))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("TlsOptions.withTrust");
            accepting.get();
        }
    }
}

package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_2;
import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_3;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.Listener;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hundred mebibytes each way at once, with implementations of TLS by others, as client and as server. */
@OnEachBackend
@DisplayName("RealPeerTransferTest")
@Timeout(60)
class RealPeerTransferTest {
    /** What AnyIO does on either side: {@code stream} is there, and {@code context}. */
    private static final String EXCHANGE = """
        import hashlib, os, ssl, sys, anyio
        ca, own, version = sys.argv[1:4]
        SIZE, BLOCK = 100 << 20, 1 << 16

        async def exchange(stream):
            sent, received = hashlib.sha256(), hashlib.sha256()
            async def send():
                block = bytearray(os.urandom(BLOCK))
                for number in range(SIZE // BLOCK):
                    block[:8] = number.to_bytes(8, 'big')
                    sent.update(block)
                    await stream.send(bytes(block))
            async with anyio.create_task_group() as group:
                group.start_soon(send)
                left = SIZE
                while left:
                    data = await stream.receive()
                    received.update(data)
                    left -= len(data)
            print(sent.hexdigest(), received.hexdigest(), flush=True)

        def only(context):
            number = ssl.TLSVersion.TLSv1_2 if version == 'TLSv1.2' else ssl.TLSVersion.TLSv1_3
            context.minimum_version = context.maximum_version = number
            return context
        """;

    @TempDir
    private Path folder;

    private PeerCredentials credentials() {
        return new PeerCredentials(folder);
    }

    private static Listener<TlsStream> listen(String protocol) throws Exception {
        return Tls.listen("127.0.0.1", 0, PeerCredentials.server().withProtocols(protocol));
    }

    private static TlsStream connect(int port, String protocol) throws Exception {
        return Tls.connect("127.0.0.1", port, PeerCredentials.client().withProtocols(protocol));
    }

    private static void assertSpeaks(TlsStream stream, String protocol) {
        assertThat(stream.find(TlsAttributes.PROTOCOL)).contains(protocol);
    }

    // -- openssl

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void opensslAsClient(String protocol) throws Exception {
        try (Listener<TlsStream> listener = listen(protocol);
                PipedPeer openssl = PipedPeer.start(
                        folder,
                        List.of(
                                Peers.openssl(),
                                "s_client",
                                "-quiet",
                                OpensslPeer.only(protocol),
                                "-connect",
                                "127.0.0.1:" + OpensslPeer.port(listener),
                                "-CAfile",
                                credentials().ca(),
                                "-verify_return_error"));
                TlsStream stream = listener.accept()) {
            BothWays.exchange(stream, openssl.output(), openssl.input());
            assertSpeaks(stream, protocol);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void opensslAsServer(String protocol) throws Exception {
        // Not -quiet, with which it does not say when it listens.
        try (PipedPeer openssl = PipedPeer.start(
                folder,
                List.of(
                        Peers.openssl(),
                        "s_server",
                        OpensslPeer.only(protocol),
                        "-accept",
                        "127.0.0.1:0",
                        "-cert",
                        credentials().serverPem()))) {
            String line = openssl.awaitLine("ACCEPT ");
            try (TlsStream stream = connect(Integer.parseInt(line.substring(line.indexOf(':') + 1)), protocol)) {
                stream.send("\nhere it begins\n".getBytes(US_ASCII));
                openssl.awaitLine("here it begins");
                BothWays.exchange(stream, openssl.output(), openssl.input());
                assertSpeaks(stream, protocol);
            }
        }
    }

    // -- the JDK

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void socketOfTheJdkAsClient(String protocol) throws Exception {
        try (Listener<TlsStream> listener = listen(protocol);
                SSLSocket socket = (SSLSocket) PeerCredentials.context()
                        .getSocketFactory()
                        .createSocket("127.0.0.1", OpensslPeer.port(listener));
                TlsStream stream = listener.accept()) {
            BothWays.exchange(stream, socket.getInputStream(), socket.getOutputStream());
            assertSpeaks(stream, protocol);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void socketOfTheJdkAsServer(String protocol) throws Exception {
        try (SSLServerSocket server = (SSLServerSocket) PeerCredentials.context()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"))) {
            FutureTask<SSLSocket> accepting = new FutureTask<>(() -> {
                SSLSocket socket = (SSLSocket) server.accept();
                socket.startHandshake();
                return socket;
            });
            Thread.ofPlatform().daemon().start(accepting);
            try (TlsStream stream = connect(server.getLocalPort(), protocol);
                    SSLSocket socket = accepting.get()) {
                BothWays.exchange(stream, socket.getInputStream(), socket.getOutputStream());
                assertSpeaks(stream, protocol);
            }
        }
    }

    // -- AnyIO

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void anyioAsClient(String protocol) throws Exception {
        String program = EXCHANGE + """
            async def main():
                context = only(ssl.create_default_context(cafile=ca))
                async with await anyio.connect_tcp(
                        '127.0.0.1', int(sys.argv[4]), tls=True, ssl_context=context) as stream:
                    await exchange(stream)
            anyio.run(main)
            """;
        try (Listener<TlsStream> listener = listen(protocol);
                PeerProcess anyio = anyio(program, protocol, OpensslPeer.port(listener));
                TlsStream stream = listener.accept()) {
            exchange(stream, anyio);
            assertSpeaks(stream, protocol);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void anyioAsServer(String protocol) throws Exception {
        String program = EXCHANGE + """
            async def main():
                context = only(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))
                context.load_cert_chain(own)
                tcp = await anyio.create_tcp_listener(local_host='127.0.0.1')
                print(tcp.extra(anyio.abc.SocketAttribute.local_port), flush=True)
                from anyio.streams.tls import TLSListener
                await TLSListener(tcp, context).serve(exchange)
            anyio.run(main)
            """;
        try (PeerProcess anyio = anyio(program, protocol, 0);
                TlsStream stream = connect(Integer.parseInt(anyio.readLine()), protocol)) {
            exchange(stream, anyio);
            assertSpeaks(stream, protocol);
        }
    }

    private PeerProcess anyio(String program, String protocol, int port) throws Exception {
        return PeerProcess.start(
                Peers.pythonWithAnyio(),
                "-c",
                program,
                credentials().ca(),
                credentials().serverPem(),
                protocol,
                String.valueOf(port));
    }

    private static void exchange(TlsStream stream, PeerProcess anyio) throws Exception {
        BothWays.Hashes ours = BothWays.exchange(stream);
        assertThat(anyio.readLine()).isEqualTo(ours.received() + " " + ours.sent());
    }
}

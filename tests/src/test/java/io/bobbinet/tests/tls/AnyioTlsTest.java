package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_2;
import static io.bobbinet.tests.tls.OpensslPeer.TLS_1_3;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.Listener;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsClientAuth;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs of AnyIO's documentation, as they are written today, with ours at the other end. */
@OnEachBackend
@DisplayName("AnyioTlsTest")
@Timeout(30)
class AnyioTlsTest {
    private static final byte[] LINE_END = {'\n'};

    /** Contexts for both sides that tell a truncation from an end, as AnyIO's own do. */
    private static final String BEGINNING = """
        import ssl, sys, anyio
        from anyio.abc import SocketAttribute
        from anyio.streams.buffered import BufferedByteReceiveStream
        from anyio.streams.tls import TLSAttribute, TLSListener, TLSStream

        FOLDER, PORT, COMPATIBLE = sys.argv[1], int(sys.argv[2]), sys.argv[3] == 'True'

        def context(purpose):
            made = ssl.create_default_context(purpose)
            made.options &= ~getattr(ssl, 'OP_IGNORE_UNEXPECTED_EOF', 0)
            return made

        def client_context():
            made = context(ssl.Purpose.SERVER_AUTH)
            made.load_verify_locations(cafile=FOLDER + '/cert.pem')
            return made

        def server_context():
            made = context(ssl.Purpose.CLIENT_AUTH)
            made.load_cert_chain(certfile=FOLDER + '/cert.pem', keyfile=FOLDER + '/key.pem')
            return made

        async def connect():
            return await anyio.connect_tcp('localhost', PORT, tls=True, ssl_context=client_context(),
                                           tls_standard_compatible=COMPATIBLE)

        async def serve(handler):
            tcp = await anyio.create_tcp_listener(local_host='127.0.0.1')
            print(tcp.extra(SocketAttribute.local_port), flush=True)
            await TLSListener(tcp, server_context(), standard_compatible=COMPATIBLE).serve(handler)
        """;

    @TempDir
    private Path folder;

    /** The very command of the documentation. */
    @BeforeEach
    void makeCertificate() throws Exception {
        try (PeerProcess openssl = PeerProcess.start(
                List.of(
                        Peers.openssl(),
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-subj",
                        "/CN=localhost",
                        "-keyout",
                        "key.pem",
                        "-out",
                        "cert.pem",
                        "-nodes",
                        "-days",
                        "365"),
                Map.of(),
                folder)) {
            assertThat(openssl.awaitExit()).as(openssl.toString()).isZero();
        }
    }

    private TlsOptions server() throws IOException {
        return TlsOptions.defaults()
                .withIdentity(TlsIdentity.ofPem(folder.resolve("cert.pem"), folder.resolve("key.pem")));
    }

    private TlsOptions client() throws IOException {
        return TlsOptions.defaults().withTrust(TlsTrust.only(folder.resolve("cert.pem")));
    }

    private PeerProcess anyio(String main, int port, boolean standard) throws IOException {
        String program = BEGINNING + main + "anyio.run(main)\n";
        return PeerProcess.start(
                Peers.pythonWithAnyio(), "-c", program, folder.toString(), "" + port, standard ? "True" : "False");
    }

    private static void assertEnded(PeerProcess anyio) throws InterruptedException {
        assertThat(anyio.awaitExit()).as(anyio.toString()).isZero();
    }

    // -- the certificate of the documentation

    @Test
    @Tag("smoke")
    void theCertificateOfTheDocumentationServesUsBothWays() throws Exception {
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, server());
                PeerProcess openssl = OpensslPeer.client(
                        OpensslPeer.port(listener),
                        "-CAfile",
                        folder.resolve("cert.pem").toString(),
                        "-verify_return_error",
                        "-verify_hostname",
                        "localhost");
                TlsStream stream = listener.accept()) {
            stream.handshake();
            OpensslPeer.awaitLine(openssl, "Verify return code: 0 (ok)");
        }
        try (PeerProcess openssl = OpensslPeer.server(
                        "-cert",
                        folder.resolve("cert.pem").toString(),
                        "-key",
                        folder.resolve("key.pem").toString());
                TlsStream stream = Tls.connect("localhost", OpensslPeer.awaitPort(openssl), client())) {
            stream.send("hello\n".getBytes(UTF_8));
            OpensslPeer.awaitLine(openssl, "hello");
        }
    }

    // -- the programs of the documentation

    @Test
    @Tag("smoke")
    void ourServerHelloesTheirClient() throws Exception {
        String main = """
            async def main():
                async with await connect() as client:
                    await client.send(b'Client\\n')
                    print(await BufferedByteReceiveStream(client).receive_until(b'\\n', 1024))
            """;
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, server());
                PeerProcess anyio = anyio(main, OpensslPeer.port(listener), true)) {
            try (TlsStream stream = listener.accept()) {
                BufferedByteStream lines = BufferedByteStream.over(stream);
                byte[] name = lines.receiveUntil(LINE_END, 1024);
                lines.send(("Hello, " + new String(name, UTF_8) + "\n").getBytes(UTF_8));
            }
            assertThat(anyio.readLine()).isEqualTo("b'Hello, Client'");
            assertEnded(anyio);
        }
    }

    @Test
    void theirServerHelloesOurClient() throws Exception {
        String main = """
            async def hello(client):
                async with client:
                    name = await BufferedByteReceiveStream(client).receive_until(b'\\n', 1024)
                    await client.send(b'Hello, %s\\n' % name)
            async def main():
                await serve(hello)
            """;
        try (PeerProcess anyio = anyio(main, 0, true);
                BufferedByteStream client = BufferedByteStream.over(
                        Tls.connect("localhost", Integer.parseInt(anyio.readLine()), client()))) {
            client.send("Client\n".getBytes(UTF_8));
            assertThat(client.receiveUntil(LINE_END, 1024)).isEqualTo("Hello, Client".getBytes(UTF_8));
            assertThatThrownBy(client::receive).isInstanceOf(EndOfStreamException.class);
        }
    }

    @Test
    void ourServerStartsTlsWhenTheirClientAsks() throws Exception {
        String main = """
            async def main():
                async with await anyio.connect_tcp('localhost', PORT) as client:
                    await client.send(b'DUMMY\\n')
                    await client.send(b'STARTTLS\\n')
                    secure = await TLSStream.wrap(client, hostname='localhost', ssl_context=client_context())
                    await secure.send(b'ENCRYPTED\\n')
                    await secure.send(b'QUIT\\n')
                    await secure.aclose()
            """;
        List<String> lines = new ArrayList<>();
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                PeerProcess anyio = anyio(main, OpensslPeer.port(listener), true)) {
            try (BufferedByteStream client = BufferedByteStream.over(listener.accept())) {
                client.forEachDelimited(LINE_END, 100, line -> {
                    lines.add(new String(line, UTF_8));
                    if (lines.getLast().equals("STARTTLS")) {
                        client.upgrade(below -> Tls.server(below, server()));
                    }
                });
            }
            assertEnded(anyio);
        }
        assertThat(lines).containsExactly("DUMMY", "STARTTLS", "ENCRYPTED", "QUIT");
    }

    @Test
    void theirServerStartsTlsWhenOurClientAsks() throws Exception {
        String main = """
            async def handle(client):
                async with client:
                    stream = client
                    lines = BufferedByteReceiveStream(stream)
                    while True:
                        line = await lines.receive_until(b'\\n', 100)
                        print(line.decode(), flush=True)
                        if line == b'STARTTLS':
                            await stream.send(b'GO\\n')
                            stream = await TLSStream.wrap(stream, server_side=True, ssl_context=server_context())
                            lines = BufferedByteReceiveStream(stream)
                        elif line == b'QUIT':
                            await stream.aclose()
                            return
            async def main():
                tcp = await anyio.create_tcp_listener(local_host='127.0.0.1')
                print(tcp.extra(SocketAttribute.local_port), flush=True)
                await tcp.serve(handle)
            """;
        try (PeerProcess anyio = anyio(main, 0, true);
                BufferedByteStream client =
                        BufferedByteStream.over(Tcp.connect("localhost", Integer.parseInt(anyio.readLine())))) {
            client.send("DUMMY\nSTARTTLS\n".getBytes(UTF_8));
            assertThat(client.receiveUntil(LINE_END, 100)).isEqualTo("GO".getBytes(UTF_8));
            client.upgrade(below -> Tls.client(below, client().withServerName("localhost")));
            client.send("ENCRYPTED\nQUIT\n".getBytes(UTF_8));
            assertThatThrownBy(client::receive).isInstanceOf(EndOfStreamException.class);
            for (String line : List.of("DUMMY", "STARTTLS", "ENCRYPTED", "QUIT")) {
                assertThat(anyio.readLine()).isEqualTo(line);
            }
        }
    }

    // -- what both know of the connection

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void theirClientAndWeKnowTheSame(String protocol) throws Exception {
        String main = """
            async def main():
                wanted = client_context()
                wanted.set_alpn_protocols(['h2', 'http/1.1'])
                wanted.load_cert_chain(certfile=FOLDER + '/cert.pem', keyfile=FOLDER + '/key.pem')
                async with await anyio.connect_tcp('localhost', PORT, tls=True, ssl_context=wanted) as client:
                    print(client.extra(TLSAttribute.tls_version), client.extra(TLSAttribute.alpn_protocol))
                    print(client.extra(TLSAttribute.cipher)[0], client.extra(TLSAttribute.server_side))
                    await client.receive()
            """;
        TlsOptions options = server().withProtocols(protocol)
                .withAlpn("http/1.1", "h2")
                .withTrust(TlsTrust.only(folder.resolve("cert.pem")))
                .withClientAuth(TlsClientAuth.NEED);
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, options);
                PeerProcess anyio = anyio(main, OpensslPeer.port(listener), true)) {
            try (TlsStream stream = listener.accept()) {
                assertSame(stream, anyio, protocol);
            }
            assertEnded(anyio);
        }
    }

    private static void assertSame(TlsStream stream, PeerProcess anyio, String protocol) throws IOException {
        stream.handshake();
        assertThat(anyio.readLine()).isEqualTo(protocol + " http/1.1");
        String suite = stream.find(TlsAttributes.CIPHER_SUITE).orElseThrow();
        // OpenSSL has names of its own before TLS 1.3.
        assertThat(anyio.readLine())
                .isEqualTo((protocol.equals(TLS_1_3) ? suite : "ECDHE-RSA-AES256-GCM-SHA384") + " False");
        assertThat(suite).endsWith("AES_256_GCM_SHA384");
        assertThat(stream.find(TlsAttributes.ALPN)).contains("http/1.1");
        assertThat(stream.find(TlsAttributes.SERVER_NAME)).contains("localhost");
        assertThat(stream.find(TlsAttributes.PEER_CERTIFICATES))
                .isEqualTo(stream.find(TlsAttributes.LOCAL_CERTIFICATES))
                .isPresent();
        stream.send(new byte[1]);
    }

    // -- ragged ends: all four combinations, in both roles

    /** What the other side says of our end: {@code end} or {@code cut}. */
    private static final String TELL_END = """
        async def tell_end(stream):
            print((await stream.receive()).decode(), flush=True)
            try:
                await stream.receive()
            except anyio.EndOfStream:
                print('end', flush=True)
            except anyio.BrokenResourceError:
                print('cut', flush=True)
        """;

    @ParameterizedTest
    @CsvSource({"true, STRICT", "true, LENIENT", "false, STRICT", "false, LENIENT"})
    void theEndOfTheirClientIsWhatItsKindAndOursMakeOfIt(boolean standard, TlsEnd reading) throws Exception {
        String main = """
            async def main():
                client = await connect()
                await client.send(b'hello')
                await client.receive()
                await client.aclose()
            """;
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, server().withEnd(reading));
                PeerProcess anyio = anyio(main, OpensslPeer.port(listener), standard);
                TlsStream stream = listener.accept()) {
            assertThat(anyio.process().isAlive()).isTrue();
            assertEnd(stream, standard || reading == TlsEnd.LENIENT);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, STRICT", "true, LENIENT", "false, STRICT", "false, LENIENT"})
    void theEndOfTheirServerIsWhatItsKindAndOursMakeOfIt(boolean standard, TlsEnd reading) throws Exception {
        String main = """
            async def handle(stream):
                await stream.send(b'hello')
                await stream.receive()
                try:
                    await stream.aclose()
                except anyio.BrokenResourceError:
                    pass
            async def main():
                await serve(handle)
            """;
        try (PeerProcess anyio = anyio(main, 0, standard);
                TlsStream stream =
                        Tls.connect("localhost", Integer.parseInt(anyio.readLine()), client().withEnd(reading))) {
            assertEnd(stream, standard || reading == TlsEnd.LENIENT);
        }
    }

    /** An exact receive tells the same as a plain one. */
    private static void assertEnd(TlsStream stream, boolean orderly) throws IOException {
        BufferedByteStream buffered = BufferedByteStream.over(stream);
        assertThat(buffered.receiveExactly(4)).isEqualTo("hell".getBytes(UTF_8));
        stream.send(new byte[1]);
        assertThatThrownBy(() -> buffered.receiveExactly(10))
                .isInstanceOf(orderly ? IncompleteReadException.class : BrokenResourceException.class);
        assertThat(buffered.receive()).isEqualTo("o".getBytes(UTF_8));
        assertThatThrownBy(buffered::receive)
                .isInstanceOf(orderly ? EndOfStreamException.class : BrokenResourceException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ourCloseIsAnOrderlyEndForThem(boolean standard) throws Exception {
        String main = TELL_END + """
            async def main():
                await tell_end(await connect())
            """;
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, server());
                PeerProcess anyio = anyio(main, OpensslPeer.port(listener), standard)) {
            try (TlsStream stream = listener.accept()) {
                stream.send("hello".getBytes(UTF_8));
            }
            assertThat(anyio.readLine()).isEqualTo("hello");
            assertThat(anyio.readLine()).isEqualTo("end");
            assertEnded(anyio);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionThatIsCutUnderUsIsWhatTheirKindMakesOfIt(boolean standard) throws Exception {
        String main = TELL_END + """
            async def main():
                await serve(tell_end)
            """;
        try (PeerProcess anyio = anyio(main, 0, standard);
                TcpStream tcp = Tcp.connect("localhost", Integer.parseInt(anyio.readLine()));
                TlsStream stream = Tls.client(tcp, client().withServerName("localhost"))) {
            stream.send("hello".getBytes(UTF_8));
            assertThat(anyio.readLine()).isEqualTo("hello");
            tcp.sendEof();
            assertThat(anyio.readLine()).isEqualTo(standard ? "cut" : "end");
        }
    }

    // -- back to plain text

    @Test
    void bothGoBackToPlainText() throws Exception {
        String main = """
            async def main():
                client = await connect()
                await client.send(b'encrypted')
                plain, rest = await client.unwrap()
                await plain.send(b'plain')
                print(rest + await plain.receive(), flush=True)
            """;
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, server());
                PeerProcess anyio = anyio(main, OpensslPeer.port(listener), true);
                TlsStream stream = listener.accept()) {
            assertThat(stream.receive()).isEqualTo("encrypted".getBytes(UTF_8));
            try (BufferedByteStream plain = stream.unwrap()) {
                assertThat(plain.receiveExactly(5)).isEqualTo("plain".getBytes(UTF_8));
                plain.send("again".getBytes(UTF_8));
                assertThat(anyio.readLine()).isEqualTo("b'again'");
                assertEnded(anyio);
            }
        }
    }
}

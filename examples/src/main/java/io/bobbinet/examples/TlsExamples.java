package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.Unix;
import io.bobbinet.stream.Attributed;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.stream.Streams;
import io.bobbinet.stream.TextStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
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
import java.security.KeyStore;
import java.security.Provider;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** TLS. */
public final class TlsExamples {
    private TlsExamples() {}

    /** Asks a server for its greeting. */
    public static String client(String host, int port, TlsOptions options) throws IOException {
        // @start region="client"
        try (var secure = Tls.connect(host, port, options)) {
            secure.send("Client\n".getBytes(UTF_8));
            return TextStream.over(secure, UTF_8).receiveLine(1024);
        }
        // @end region="client"
    }

    /** Greets clients by name. */
    public static void server(TlsIdentity identity, int port) throws IOException {
        // @start region="server"
        var options = TlsOptions.defaults().withIdentity(identity);
        try (var listener = Tls.listener(Tcp.listen(port), options)) {
            listener.serve(client -> {
                var text = TextStream.over(client, UTF_8);
                text.sendLine("Hello, " + text.receiveLine(1024));
            });
        }
        // @end region="server"
    }

    /** Trusts an authority of one's own, beside those of the platform, and shows a certificate. */
    public static TlsOptions options(Path authority, Path certificate, Path key) throws IOException {
        // @start region="options"
        var options = TlsOptions.defaults()
                .withTrust(TlsTrust.platform().adding(authority))
                .withIdentity(TlsIdentity.ofPem(certificate, key))
                .withAlpn("h2", "http/1.1");
        // @end region="options"
        return options;
    }

    /** Tells what was agreed upon. */
    public static String attributes(Attributed secure) {
        // @start region="attributes"
        String protocol = secure.find(TlsAttributes.PROTOCOL).orElseThrow(); // TLSv1.3
        String suite = secure.find(TlsAttributes.CIPHER_SUITE).orElseThrow(); // TLS_AES_256_GCM_SHA384
        String subject = secure.find(TlsAttributes.PEER_CERTIFICATES)
                .map(chain -> chain.getFirst().getSubjectX500Principal().getName())
                .orElse("nobody");
        // @end region="attributes"
        return protocol + " " + suite + " " + subject;
    }

    /** Asks a server to go over to TLS, and greets it again. */
    public static void upgrade(BufferedByteStream mail, String host, TlsOptions options) throws IOException {
        // @start region="upgrade"
        mail.send("STARTTLS\r\n".getBytes(UTF_8));
        if (new String(mail.receiveUntil("\r\n".getBytes(UTF_8), 512), UTF_8).startsWith("220")) {
            mail.upgrade(below -> Tls.client(below, host, options)); // the same stream, encrypted from here on
            mail.send("EHLO example.org\r\n".getBytes(UTF_8));
        }
        // @end region="upgrade"
    }

    /** Greets clients by name, with a certificate from a file. */
    public static void files(Path certificate, Path key, int port) throws IOException {
        // @start region="files"
        var options = TlsOptions.defaults().withIdentity(TlsIdentity.ofPem(certificate, key));
        try (var listener = Tls.listen("127.0.0.1", port, options)) { // without the host: on all addresses
            listener.serve(client -> {
                var text = TextStream.over(client, UTF_8);
                text.sendLine("Hello, " + text.receiveLine(1024));
            });
        }
        // @end region="files"
    }

    /** Greets clients on a port that the system chooses. */
    public static void anyPort(TlsOptions options, Consumer<Integer> ready) throws IOException {
        // @start region="port"
        try (var listener = Tls.listen("localhost", 0, options)) {
            var address = (InetSocketAddress)
                    listener.find(SocketAttributes.LOCAL_ADDRESS).orElseThrow();
            ready.accept(address.getPort());
            listener.serve(client -> client.send("Hello\n".getBytes(UTF_8)));
        }
        // @end region="port"
    }

    /** Takes a key that is encrypted, and one in a key store. */
    public static List<TlsIdentity> encrypted(Path certificate, Path key, Path keyStore, char[] password)
            throws IOException, GeneralSecurityException {
        // @start region="encrypted"
        var pem = TlsIdentity.ofPem(certificate, key, password);
        var store = KeyStore.getInstance(keyStore.toFile(), password); // PKCS#12 or JKS
        var stored = TlsIdentity.ofKeyStore(store, password);
        // @end region="encrypted"
        return List.of(pem, stored);
    }

    /** Asks a server that has a certificate of its own making for its greeting. */
    public static String development(Path certificate, int port) throws IOException {
        // @start region="development"
        var options = TlsOptions.defaults().withTrust(TlsTrust.only(certificate)); // this one, and nobody else
        try (var client = Tls.connect("localhost", port, options)) {
            client.send("Client\n".getBytes(UTF_8));
            return TextStream.over(client, UTF_8).receiveLine(1024);
        }
        // @end region="development"
    }

    /** Greets clients by the name in their certificate. */
    public static void mutual(TlsIdentity identity, Path authorityOfClients, int port) throws IOException {
        // @start region="mutual-server"
        var options = TlsOptions.defaults()
                .withIdentity(identity)
                .withClientAuth(TlsClientAuth.NEED)
                .withTrust(TlsTrust.only(authorityOfClients)); // whom the platform trusts is anybody
        try (var listener = Tls.listen(port, options)) {
            listener.serve(client -> {
                var certificate = client.find(TlsAttributes.PEER_CERTIFICATES)
                        .orElseThrow()
                        .getFirst();
                var name = certificate.getSubjectX500Principal().getName();
                client.send(("Hello, " + name + "\n").getBytes(UTF_8));
            });
        }
        // @end region="mutual-server"
    }

    /** Is greeted by the name in a certificate. */
    public static String mutual(String host, int port, TlsTrust trust, Path certificate, Path key) throws IOException {
        // @start region="mutual-client"
        var options = TlsOptions.defaults().withTrust(trust).withIdentity(TlsIdentity.ofPem(certificate, key));
        try (var client = Tls.connect(host, port, options)) {
            return TextStream.over(client, UTF_8).receiveLine(1024); // here a server tells that it does not trust us
        }
        // @end region="mutual-client"
    }

    /** Has a certificate for each of several names. */
    public static TlsOptions names(TlsIdentity example, TlsIdentity shops, TlsIdentity others) {
        // @start region="names"
        var options = TlsOptions.defaults()
                .withIdentityFor("example.org", example)
                .withIdentityFor("*.shop.example", shops)
                .withIdentity(others); // for clients that ask for neither; without it they are turned away
        // @end region="names"
        return options;
    }

    /** Serves two protocols on one port. */
    public static void protocols(TlsIdentity identity, int port) throws IOException {
        // @start region="alpn"
        var options = TlsOptions.defaults().withIdentity(identity).withAlpn("chat/2", "chat/1"); // the best first
        try (var listener = Tls.listen(port, options)) {
            listener.serve(client -> {
                switch (client.find(TlsAttributes.ALPN).orElse("chat/1")) { // none: a client that does not ask
                    case "chat/2" -> client.send("{\"welcome\": 2}\n".getBytes(UTF_8));
                    default -> client.send("welcome\n".getBytes(UTF_8));
                }
            });
        }
        // @end region="alpn"
    }

    /** Answers commands, and goes over to TLS when asked to. */
    public static void upgradeServer(ByteStream connection, TlsOptions options) throws IOException {
        // @start region="upgrade-server"
        try (var client = BufferedByteStream.over(connection)) {
            client.forEachDelimited("\r\n".getBytes(UTF_8), 512, line -> {
                if (new String(line, UTF_8).equals("STARTTLS")) {
                    client.send("220 go ahead\r\n".getBytes(UTF_8));
                    client.upgrade(below -> Tls.server(below, options)); // the loop goes on, encrypted
                } else {
                    var security = client.find(TlsAttributes.PROTOCOL).orElse("no TLS");
                    client.send(("250 ok, with " + security + "\r\n").getBytes(UTF_8));
                }
            });
        }
        // @end region="upgrade-server"
    }

    /** Receives all that a server sends which ends without a word. */
    public static String ragged(String host, int port, TlsOptions options) throws IOException {
        var all = new StringBuilder();
        // @start region="ragged"
        try (var client = Tls.connect(host, port, options.withEnd(TlsEnd.LENIENT))) {
            client.forEach(chunk -> all.append(new String(chunk, UTF_8))); // to the end, whoever made it
        }
        // @end region="ragged"
        return all.toString();
    }

    /** Sends a report, and makes sure that it has arrived. */
    public static void report(String host, int port, TlsOptions options, byte[] report) throws IOException {
        // @start region="send-only"
        try (var client = Tls.connect(host, port, options)) {
            client.send(report);
            client.sendEof();
            client.forEach(nothing -> {}); // until the server has it all, and ends too
        }
        // @end region="send-only"
    }

    /** Ends a connection so that the peer notices that something is missing. */
    public static void cut(TlsStream client) throws IOException {
        // @start region="cut"
        var cut = CancelScope.create();
        cut.cancel("what was sent is not whole");
        cut.run(client::close); // without close_notify: the peer gets BrokenResourceException
        // @end region="cut"
    }

    /** Goes back to plain text, in the same conversation. */
    public static String downgrade(TlsStream secure) throws IOException {
        // @start region="unwrap"
        secure.send("CCC\r\n".getBytes(UTF_8)); // FTP's command for it, RFC 2228
        try (var plain = secure.unwrap()) { // both sides have said close_notify
            return new String(plain.receiveUntil("\r\n".getBytes(UTF_8), 512), UTF_8);
        }
        // @end region="unwrap"
    }

    /** Greets the processes of this machine, with TLS. */
    public static void unixServer(Path path, TlsOptions options) throws IOException {
        // @start region="unix-server"
        try (var listener = Tls.listener(Unix.listen(path), options)) {
            listener.serve(client -> client.send("Hello\n".getBytes(UTF_8)));
        }
        // @end region="unix-server"
    }

    /** Is greeted by a process of this machine. */
    public static String unixClient(Path path, TlsOptions options) throws IOException {
        // @start region="unix-client"
        var connector = Tls.connector(Unix.connector(path), options.withServerName("localhost")); // a path is no name
        try (var client = connector.connect()) {
            return TextStream.over(client, UTF_8).receiveLine(1024);
        }
        // @end region="unix-client"
    }

    /** Has little patience with clients, and tells why they failed. */
    public static void impatient(TlsOptions options, int port, Consumer<String> log) throws IOException {
        // @start region="impatient"
        var serving = ServeOptions.defaults()
                .withMaxConnections(1_000) // those in a handshake count
                .withFailureReporter((connection, failure) -> log.accept(failure.getMessage()));
        try (var listener = Tls.listen(port, options.withHandshakeTimeout(ofSeconds(5)))) {
            listener.serve(client -> client.send("Hello\n".getBytes(UTF_8)), serving);
        }
        // @end region="impatient"
    }

    /** Waits for news, and asks for them when there are none for a while. */
    public static String news(TextStream client, Duration patience) throws IOException {
        // @start region="late"
        while (true) {
            try {
                return CancelScope.failAfter(patience).call(() -> client.receiveLine(1024));
            } catch (TimedOutException e) {
                client.sendLine("Are you there?"); // nothing was taken, and the connection is good
            }
        }
        // @end region="late"
    }

    /** Speaks TLS with clients for a server that knows none. */
    public static void terminate(TlsOptions options, int port, String host, int plainPort) throws IOException {
        // @start region="relay"
        try (var listener = Tls.listen(port, options)) {
            listener.serve(client -> {
                try (var plain = Tcp.connect(host, plainPort)) {
                    Streams.relay(client, plain); // returns when both have said all
                }
            });
        }
        // @end region="relay"
    }

    /** Has both sides in one program, without a network. */
    public static void memory(TlsOptions serverOptions, TlsOptions clientOptions, Consumer<String> answers)
            throws IOException {
        // @start region="memory"
        TaskGroup.run(group -> {
            var pair = MemoryByteStream.pair();
            // A task of its own, since each handshake waits for the other.
            group.fork(() -> {
                try (var server = Tls.server(pair.right(), serverOptions)) {
                    server.send(server.receive());
                }
            });
            try (var client = Tls.client(pair.left(), "localhost", clientOptions)) {
                client.send("Hello".getBytes(UTF_8));
                answers.accept(new String(client.receive(), UTF_8));
            }
        });
        // @end region="memory"
    }

    /** Lets another implementation of TLS do the work. */
    public static TlsOptions context(Provider provider, TrustManager... trust) throws GeneralSecurityException {
        // @start region="context"
        var context = SSLContext.getInstance("TLS", provider);
        context.init(null, trust, null);
        var options = TlsOptions.defaults().withContext(context); // in place of identity and trust
        // @end region="context"
        return options;
    }
}

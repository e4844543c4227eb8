package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.task.Readiness;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** A TLS server with a certificate of its own making. */
public final class TlsServer {
    private TlsServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        var identity = TlsIdentity.ofPem(Path.of("cert.pem"), Path.of("key.pem"));
        serve("localhost", 1234, identity, address -> System.out.println("listening on " + address));
    }

    /** Serves until it is cancelled, and tells where once it listens. */
    public static void serve(String host, int port, TlsIdentity identity, Readiness<InetSocketAddress> readiness)
            throws IOException {
        var options = TlsOptions.defaults().withIdentity(identity);
        try (var tcp = Tcp.listen(host, port);
                var listener = Tls.listener(tcp, options)) {
            readiness.ready(tcp.localAddress());
            listener.serve(TlsServer::greet);
        }
    }

    private static void greet(TlsStream connection) throws IOException {
        var client = BufferedByteStream.over(connection);
        var name = new String(client.receiveUntil("\n".getBytes(UTF_8), 1024), UTF_8);
        client.send(("Hello, " + name + "\n").getBytes(UTF_8));
    }
}

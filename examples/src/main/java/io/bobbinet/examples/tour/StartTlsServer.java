package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.task.Readiness;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A server whose clients begin in plain text, and go over to TLS when they like. */
public final class StartTlsServer {
    private StartTlsServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        var identity = TlsIdentity.ofPem(Path.of("cert.pem"), Path.of("key.pem"));
        serve("localhost", 1234, identity, System.out::println, address -> System.out.println("at " + address));
    }

    /** Serves until it is cancelled, and tells where once it listens. */
    public static void serve(
            String host, int port, TlsIdentity id, Consumer<String> log, Readiness<InetSocketAddress> readiness)
            throws IOException {
        try (var listener = Tcp.listen(host, port)) {
            readiness.ready(listener.localAddress());
            var options = TlsOptions.defaults().withIdentity(id);
            listener.serve(connection -> {
                try (var client = BufferedByteStream.over(connection)) { // the TLS layer has its own end to say
                    client.forEachDelimited("\n".getBytes(UTF_8), 100, bytes -> {
                        var line = new String(bytes, UTF_8);
                        log.accept("Received \"" + line + '"');
                        switch (line) {
                            case "STARTTLS" -> client.upgrade(below -> Tls.server(below, options)); // the loop goes on
                            case "QUIT" -> client.sendEof(); // the client ends too then, and with it the loop
                            default -> {}
                        }
                    });
                }
            });
        }
    }
}

package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Path;

/** Begins in plain text, and goes over to TLS. */
public final class StartTlsClient {
    private StartTlsClient() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        converse("localhost", 1234, TlsTrust.only(Path.of("cert.pem")));
    }

    /** Tells a server something, and something else that nobody else is to hear. */
    public static void converse(String host, int port, TlsTrust trust) throws IOException {
        var options = TlsOptions.defaults().withTrust(trust);
        try (var client = BufferedByteStream.over(Tcp.connect(host, port))) {
            client.send("DUMMY\n".getBytes(UTF_8));
            client.send("STARTTLS\n".getBytes(UTF_8));
            client.upgrade(below -> Tls.client(below, host, options));

            // From this point on, all communication is encrypted.
            client.send("ENCRYPTED\n".getBytes(UTF_8));
            client.send("QUIT\n".getBytes(UTF_8));
            client.forEach(nothing -> {}); // until the server ends: now it has read everything
        }
    }
}

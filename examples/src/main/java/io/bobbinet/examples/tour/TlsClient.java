package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Path;

/** Connects to a TLS server, gives a name, and prints the answer. */
public final class TlsClient {
    private TlsClient() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        // Only for a certificate that no authority has signed which this machine trusts: the defaults do for the
        // others.
        System.out.println(greet("localhost", 1234, TlsTrust.only(Path.of("cert.pem"))));
    }

    /** {@return the line that a server answers to a name} */
    public static String greet(String host, int port, TlsTrust trust) throws IOException {
        var options = TlsOptions.defaults().withTrust(trust);
        try (var client = BufferedByteStream.over(Tls.connect(host, port, options))) {
            client.send("Client\n".getBytes(UTF_8));
            return new String(client.receiveUntil("\n".getBytes(UTF_8), 1024), UTF_8);
        }
    }
}

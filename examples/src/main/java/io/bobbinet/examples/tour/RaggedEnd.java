package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Path;

/** Receives from a server that ends without the closing handshake of TLS: by the standard, and with indulgence. */
public final class RaggedEnd {
    private RaggedEnd() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        var strict = TlsOptions.defaults().withTrust(TlsTrust.only(Path.of("cert.pem")));
        System.out.println(receiveAll("localhost", 1234, strict));
        System.out.println(receiveAll("localhost", 1234, strict.withEnd(TlsEnd.LENIENT)));
    }

    /** {@return all that a server sends, and how that ended} */
    public static String receiveAll(String host, int port, TlsOptions options) throws IOException {
        var received = new StringBuilder();
        try (var client = Tls.connect(host, port, options)) {
            client.forEach(chunk -> received.append(new String(chunk, UTF_8)));
            return received + ", then the end";
        } catch (BrokenResourceException e) {
            return received + ", then " + e;
        }
    }
}

package io.bobbinet.tests.tls;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.Certificates;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;

/** Both ends of TLS connections; the client is on the left. */
final class TlsPairs {
    static final char[] PASSWORD = "secret".toCharArray();
    static final Certificates AUTHORITY = Certificates.authority("Authority of the tests");

    /** Good for both sides, towards localhost. */
    static final TlsOptions OPTIONS = TlsOptions.defaults()
            .withIdentity(TlsIdentity.ofKeyStore(
                    AUTHORITY.issue("localhost", "127.0.0.1").keyStore(PASSWORD), PASSWORD))
            .withTrust(TlsTrust.ofKeyStore(AUTHORITY.trustStore()))
            .withServerName("localhost");

    private TlsPairs() {}

    static StreamPair<TlsStream> over(StreamPair<? extends ByteStream> below, TlsOptions options) throws IOException {
        return over(below, options, options);
    }

    static StreamPair<TlsStream> over(StreamPair<? extends ByteStream> below, TlsOptions client, TlsOptions server)
            throws IOException {
        return TaskGroup.<StreamPair<TlsStream>, IOException>call(group -> {
            Task<TlsStream> accepted = group.fork(() -> Tls.server(below.right(), server));
            TlsStream left = Tls.client(below.left(), client);
            return new StreamPair<>(left, accepted.join());
        });
    }

    static StreamPair<TlsStream> overTcp(TlsOptions options) throws IOException {
        try (var listener = Tcp.listen("127.0.0.1", 0)) {
            var client = Tcp.connect("127.0.0.1", listener.localAddress().getPort());
            return over(new StreamPair<>(client, listener.accept()), options);
        }
    }
}

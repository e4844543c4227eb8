package io.bobbinet.tests.packet;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixListener;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.Listener;
import io.bobbinet.testing.Certificates;
import io.bobbinet.testkit.MemoryListener;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Path;

/** What packets may be served over. */
enum ServerKind {
    MEMORY,
    TCP,
    UNIX,
    TLS;

    private static final char[] PASSWORD = "secret".toCharArray();

    /** Good for both sides, towards localhost; made when it is first needed. */
    private static final class Options {
        static final Certificates AUTHORITY = Certificates.authority("Authority of the server tests");
        static final TlsOptions OPTIONS = TlsOptions.defaults()
                .withIdentity(
                        TlsIdentity.ofKeyStore(AUTHORITY.issue("localhost").keyStore(PASSWORD), PASSWORD))
                .withTrust(TlsTrust.ofKeyStore(AUTHORITY.trustStore()))
                .withServerName("localhost");
    }

    /**
     * Where a server and its clients meet.
     *
     * @param listener of the server
     * @param connector of the clients
     */
    record Place(Listener<? extends ByteStream> listener, Connector<? extends ByteStream> connector) {}

    Place open(Path folder) throws IOException {
        return switch (this) {
            case MEMORY -> memory();
            case TCP -> tcp();
            case UNIX -> unix(folder);
            case TLS -> tls();
        };
    }

    private static Place memory() {
        MemoryListener listener = MemoryListener.open();
        return new Place(listener, listener.connector());
    }

    private static Place tcp() throws IOException {
        TcpListener listener = Tcp.listen("127.0.0.1", 0);
        return new Place(
                listener, Tcp.connector("127.0.0.1", listener.localAddress().getPort()));
    }

    private static Place unix(Path folder) throws IOException {
        Path path = folder.resolve("server");
        UnixListener listener = Unix.binder(path).withDeleteOnClose().listen();
        return new Place(listener, Unix.connector(path));
    }

    /** A client of the TLS server over a connection of one's own. */
    static ByteStream handshake(ByteStream below) throws IOException {
        return Tls.connector(() -> below, Options.OPTIONS).connect();
    }

    private static Place tls() throws IOException {
        Place below = tcp();
        return new Place(
                Tls.listener(below.listener, Options.OPTIONS), Tls.connector(below.connector, Options.OPTIONS));
    }
}

package io.bobbinet.tests.tls;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.stream.Listener;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The two programs of OpenSSL that speak TLS. */
final class OpensslPeer {
    static final String TLS_1_2 = "TLSv1.2";
    static final String TLS_1_3 = "TLSv1.3";

    private OpensslPeer() {}

    /** The option for a version of TLS alone. */
    static String only(String protocol) {
        return "-" + protocol.replace("TLSv", "tls").replace('.', '_');
    }

    static int port(Listener<?> listener) {
        return ((InetSocketAddress)
                        listener.find(SocketAttributes.LOCAL_ADDRESS).orElseThrow())
                .getPort();
    }

    /** Connects. What comes it prints, what it is told it sends, but for lines that begin with one of its commands. */
    static PeerProcess client(int port, String... options) throws IOException {
        return start("s_client", "-connect", "127.0.0.1:" + port, options);
    }

    /** Listens: see {@link #awaitPort}. In all else as the client. */
    static PeerProcess server(String... options) throws IOException {
        return start("s_server", "-accept", "127.0.0.1:0", options);
    }

    static int awaitPort(PeerProcess server) {
        String line = awaitLine(server, "ACCEPT ");
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    }

    /** The next line of the output that begins like that, after whatever blanks. */
    static String awaitLine(PeerProcess peer, String beginning) {
        String line = peer.readLine();
        while (!line.strip().startsWith(beginning)) {
            line = peer.readLine();
        }
        return line.strip();
    }

    private static PeerProcess start(String program, String where, String address, String... options)
            throws IOException {
        List<String> command = new ArrayList<>(
                // Names of certificates look different from one version to the next unless one says how.
                List.of(Peers.openssl(), program, where, address, "-nameopt", "RFC2253"));
        command.addAll(List.of(options));
        return PeerProcess.start(command.toArray(String[]::new));
    }
}

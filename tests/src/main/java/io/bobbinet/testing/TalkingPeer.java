package io.bobbinet.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.file.Path;

/**
 * A program of its own that sends back to each connection what it gets, until it is killed. It prints its port first. It
 * uses the JDK alone, so that nothing of ours is at both ends, and dies as only a process can.
 */
public final class TalkingPeer {
    private TalkingPeer() {}

    /** {@return the command that starts it, for {@link PeerProcess#start}} */
    public static String[] command() {
        try {
            Path java = Path.of(System.getProperty("java.home"), "bin", "java");
            Path classes = Path.of(TalkingPeer.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return new String[] {
                java.toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes.toString(),
                TalkingPeer.class.getName()
            };
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Serves until the process ends.
     *
     * @param arguments none
     * @throws IOException if it cannot listen or accept
     */
    public static void main(String[] arguments) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 100, InetAddress.ofLiteral("127.0.0.1"))) {
            System.out.println(server.getLocalPort());
            while (true) {
                Socket connection = server.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            }
        }
    }

    private static void serve(Socket connection) {
        try (connection) {
            connection.getInputStream().transferTo(connection.getOutputStream());
        } catch (IOException e) {
            // The connection is gone; others go on.
        }
    }
}

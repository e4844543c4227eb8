package io.bobbinet.tests.packet;

import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.testing.ReservedPort;
import java.io.IOException;
import java.nio.file.Path;

/** A real redis-server at a TCP port and a UNIX socket, which keeps nothing on the disk. */
final class RedisServer implements AutoCloseable {
    private final ReservedPort port;
    private final Path socket;
    private final PeerProcess server;

    private RedisServer(ReservedPort port, Path socket, PeerProcess server) {
        this.port = port;
        this.socket = socket;
        this.server = server;
    }

    static RedisServer start(Path folder) throws IOException {
        String program = Peers.program("redis-server");
        ReservedPort port = new ReservedPort();
        try {
            Path socket = folder.resolve("redis");
            PeerProcess server = PeerProcess.start(
                    program,
                    "--port",
                    Integer.toString(port.number()),
                    "--bind",
                    "127.0.0.1",
                    "--unixsocket",
                    socket.toString(),
                    "--dir",
                    folder.toString(),
                    "--save",
                    "",
                    "--appendonly",
                    "no");
            awaitReady(server);
            return new RedisServer(port, socket, server);
        } catch (Throwable t) {
            port.close();
            throw t;
        }
    }

    private static void awaitReady(PeerProcess server) {
        try {
            for (String line = server.readLine(); !line.contains("connections at /"); line = server.readLine()) {
                // It tells of the port first.
            }
        } catch (Throwable t) {
            server.close();
            throw t;
        }
    }

    int port() {
        return port.number();
    }

    Path socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        try (port) {
            server.close();
        }
    }
}

package io.bobbinet.tests.tls;

import io.bobbinet.testing.Certificates;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.testing.ReservedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real PostgreSQL server with a certificate, a user and a password, in a folder of its own. */
final class PostgresServer {
    static final String USER = "tester";
    static final String PASSWORD = "pencil";

    private final Path programs = Peers.postgresql();
    private final Path folder;
    private final ReservedPort port = new ReservedPort();
    private final PeerProcess server;

    private PostgresServer(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        try {
            makeCluster();
            this.server = start();
        } catch (Throwable t) {
            port.close();
            throw t;
        }
    }

    /**
     * Starts a server, which accepts connections.
     *
     * @param folder an empty folder, which becomes the server's
     * @param certificate what it shows
     * @param tls whether it speaks TLS
     */
    static PostgresServer start(Path folder, Certificates.Issued certificate, boolean tls)
            throws IOException, InterruptedException {
        certificate.writeChain(folder.resolve("cert.pem"));
        certificate.writeKey(folder.resolve("key.pem"));
        Files.writeString(folder.resolve("password"), PASSWORD);
        Files.writeString(folder.resolve("settings"), """
            listen_addresses = '127.0.0.1'
            unix_socket_directories = '%1$s'
            ssl = %2$s
            ssl_cert_file = '%1$s/cert.pem'
            ssl_key_file = '%1$s/key.pem'
            fsync = off
            """.formatted(folder, tls ? "on" : "off"));
        for (String name : List.of("cert.pem", "key.pem", "password", "settings", ".")) {
            giveToServer(folder.resolve(name));
        }
        return new PostgresServer(folder);
    }

    /** It refuses to run as root, and with a key that others can read. */
    private static void giveToServer(Path file) throws IOException {
        Files.setPosixFilePermissions(
                file, PosixFilePermissions.fromString(Files.isDirectory(file) ? "rwx------" : "rw-------"));
        if (isRoot()) {
            Files.setOwner(
                    file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private void makeCluster() throws IOException, InterruptedException {
        try (PeerProcess initdb = run(
                programs.resolve("initdb").toString(),
                "--pgdata=" + folder.resolve("data"),
                "--username=" + USER,
                "--pwfile=" + folder.resolve("password"),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync")) {
            if (initdb.awaitExit() != 0) {
                throw new AssertionError(initdb);
            }
        }
        Files.writeString(folder.resolve("data/postgresql.auto.conf"), Files.readString(folder.resolve("settings")));
    }

    private PeerProcess start() throws IOException {
        PeerProcess started = run(
                programs.resolve("postgres").toString(),
                "-D",
                folder.resolve("data").toString(),
                "-p",
                Integer.toString(port.number()));
        try {
            started.awaitErrorLine(line -> line.contains("ready to accept connections"));
            return started;
        } catch (Throwable t) {
            started.close();
            throw t;
        }
    }

    /** In place of this program, so that signals reach it. */
    private PeerProcess run(String... command) throws IOException {
        List<String> line = new ArrayList<>();
        if (isRoot()) {
            line.addAll(List.of(
                    Peers.program("setpriv"), "--reuid=nobody", "--regid=65534", "--clear-groups", "--no-new-privs"));
        }
        line.addAll(List.of(command));
        return PeerProcess.start(line, Map.of("LC_ALL", "C"), folder);
    }

    int port() {
        return port.number();
    }

    /** Disconnects all clients and ends the server; killed, it would leave shared memory behind. */
    void stop() throws IOException, InterruptedException {
        try (port;
                server;
                PeerProcess signal = PeerProcess.start(
                        Peers.program("kill"),
                        "-INT",
                        Long.toString(server.process().pid()))) {
            signal.awaitExit();
            server.awaitExit();
        }
    }
}

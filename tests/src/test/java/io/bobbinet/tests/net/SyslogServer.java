package io.bobbinet.tests.net;

import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.testing.ReservedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real rsyslogd, which hears a UNIX datagram socket and a UDP port, and writes what it hears into a file. */
final class SyslogServer implements AutoCloseable {
    private final Path folder;
    private final ReservedPort port;
    private final PeerProcess rsyslogd;

    private SyslogServer(Path folder, ReservedPort port, PeerProcess rsyslogd) {
        this.folder = folder;
        this.port = port;
        this.rsyslogd = rsyslogd;
    }

    static SyslogServer start(Path folder) throws IOException {
        String program = Peers.program("rsyslogd");
        ReservedPort port = new ReservedPort();
        try {
            // Standard output is told last, so what is there is in the file.
            Path configuration =
                    Files.writeString(folder.resolve("rsyslog.conf"), """
                        global(workDirectory="%1$s" processInternalMessages="on")
                        module(load="imuxsock" SysSock.Use="off")
                        module(load="imudp")
                        input(type="imuxsock" Socket="%1$s/devlog" UseSpecialParser="off" ParseHostname="on" RateLimit.Interval="0")
                        input(type="imudp" address="127.0.0.1" port="%2$d")
                        template(name="line" type="string"
                                 string="%%syslogfacility-text%% %%syslogseverity-text%%|%%app-name%%|%%procid%%|%%msg%%\\n")
                        action(type="omfile" file="%1$s/messages" template="line" flushOnTXEnd="on" asyncWriting="off")
                        action(type="omfile" file="/dev/stdout" template="line" flushOnTXEnd="on" asyncWriting="off")
                        """.formatted(folder, port.number()));
            PeerProcess rsyslogd = PeerProcess.start(program, "-n", "-iNONE", "-f", configuration.toString());
            SyslogServer server = new SyslogServer(folder, port, rsyslogd);
            server.awaitReady();
            return server;
        } catch (Throwable t) {
            port.close();
            throw t;
        }
    }

    /** It tells of itself what it tells of others, once it hears. */
    private void awaitReady() {
        try {
            String line = rsyslogd.readLine();
            if (!line.contains("start")) {
                throw new AssertionError(rsyslogd);
            }
        } catch (Throwable t) {
            rsyslogd.close();
            throw t;
        }
    }

    /** {@return where its UNIX datagram socket is} */
    Path socket() {
        return folder.resolve("devlog");
    }

    /** {@return its UDP port} */
    int port() {
        return port.number();
    }

    /** {@return what the file has, without the server's own, once as many messages have come} */
    List<String> awaitMessages(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            rsyslogd.readLine();
        }
        return Files.readAllLines(folder.resolve("messages")).stream()
                .skip(1)
                .map(line -> line.replace("\uFEFF", "")) // says that the text is UTF-8
                .toList();
    }

    @Override
    public void close() throws IOException {
        try (port) {
            rsyslogd.close();
        }
    }
}

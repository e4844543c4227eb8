package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.ActivatedServer;
import io.bobbinet.net.Activation;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.testing.ActivationReport;
import io.bobbinet.testing.JavaProgram;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that are started with their sockets, by systemd's own tool and by a shell. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("SocketActivationTest")
@Timeout(60)
class SocketActivationTest {
    /** Binds a datagram socket as a service manager does, and prints what comes, and how many descriptors with it. */
    private static final String MANAGER = """
        import os, sys
        from socket import *
        s = socket(AF_UNIX, SOCK_DGRAM)
        s.bind(sys.argv[1].replace('@', '\\0'))
        print('bound', flush=True)
        while True:
            data, descriptors, flags, sender = recv_fds(s, 4096, 300)
            print(data, len(descriptors), [os.path.basename(os.readlink('/proc/self/fd/%d' % d)) for d in descriptors], flush=True)
        """;

    @TempDir
    Path folder;

    private static int freePort() throws IOException {
        try (var probe = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return probe.getLocalPort();
        }
    }

    /** Starts systemd's tool, which listens, and starts the program with the first connection. */
    private static PeerProcess activate(List<String> options, List<String> program) throws IOException {
        List<String> command = new ArrayList<>(List.of(Peers.program("systemd-socket-activate")));
        command.addAll(options);
        command.addAll(program);
        return PeerProcess.start(command, Map.of(), null);
    }

    private static void awaitListening(PeerProcess tool, String address) {
        tool.awaitErrorLine(line -> line.startsWith("Listening on " + address));
    }

    private static void assertEcho(ByteStream client) throws IOException {
        client.send(bytes("hello"));
        assertThat(text(client.receive())).isEqualTo("hello");
    }

    @Test
    void aProgramServesTheConnectionThatItWasStartedFor() throws Exception {
        int port = freePort();
        Path path = folder.resolve("s");
        Path notify = folder.resolve("notify");
        try (PeerProcess manager = PeerProcess.start(Peers.pythonWithAnyio(), "-c", MANAGER, notify.toString());
                PeerProcess tool = activate(
                        List.of(
                                "-l",
                                "127.0.0.1:" + port,
                                "-l",
                                path.toString(),
                                "--fdname=web:local",
                                "-E",
                                "NOTIFY_SOCKET=" + notify),
                        JavaProgram.command(ActivatedServer.class))) {
            assertThat(manager.readLine()).isEqualTo("bound");
            awaitListening(tool, "127.0.0.1:" + port);
            awaitListening(tool, path.toString());
            try (TcpStream tcp = Tcp.connect("127.0.0.1", port)) {
                assertEcho(tcp);
                assertThat(manager.readLine()).isEqualTo("b'READY=1' 0 []");
                try (UnixStream unix = Unix.connect(path);
                        TcpStream another = Tcp.connect("127.0.0.1", port)) {
                    assertEcho(unix);
                    assertEcho(another);
                    assertEcho(tcp);
                }
            }
            tool.terminate();
            assertThat(tool.awaitExit()).isEqualTo(128 + 15);
        }
    }

    @Test
    void aProgramAnswersTheDatagramThatItWasStartedFor() throws Exception {
        int port = freePort();
        Path path = folder.resolve("s");
        try (PeerProcess tool = activate(
                        List.of("-d", "-l", path.toString(), "-l", "127.0.0.1:" + port),
                        JavaProgram.command(ActivatedDatagrams.class));
                UnixDatagramSocket unix =
                        UnixDatagram.binder(UnixAddress.unnamed()).bind();
                UdpSocket udp = Udp.bind("127.0.0.1", 0)) {
            awaitListening(tool, path.toString());
            awaitListening(tool, "127.0.0.1:" + port);
            unix.send(bytes("hello"), path);
            assertThat(text(unix.receive().data())).isEqualTo("olleh");
            udp.send(bytes("hello"), "127.0.0.1", port);
            assertThat(text(udp.receive().data())).isEqualTo("olleh");
            unix.send(bytes("end"), path);
            assertThat(tool.awaitExit()).isZero();
        }
    }

    @Test
    void whatIsPassedIsTakenOnceAndIsCloseOnExec() throws Exception {
        int port = freePort();
        Path path = folder.resolve("s");
        try (PeerProcess tool = activate(
                List.of("-l", path.toString(), "-l", "127.0.0.1:" + port),
                JavaProgram.command(ActivationReport.class))) {
            awaitListening(tool, "127.0.0.1:" + port);
            try (UnixStream client = Unix.connect(path)) {
                assertThat(tool.readLine())
                        .startsWith("unknown is Descriptor[3, a UNIX ")
                        .endsWith(", close-on-exec");
                assertThat(tool.readLine())
                        .startsWith("unknown is Descriptor[4, a TCP ")
                        .endsWith(", close-on-exec");
                assertThat(tool.readLine()).isEqualTo("the second is empty: true");
                assertThat(tool.readLine()).isEqualTo("told: false");
                assertThat(tool.readLine()).as("closed by close").isEqualTo("number 3 is open: false");
                assertThat(tool.awaitExit()).isZero();
                assertThat(client.peerAddress().path()).isEqualTo(path);
            }
        }
    }

    @Test
    void theSupervisorKeepsDescriptors() throws Exception {
        String notify = "@bobbinet-notify-" + ProcessHandle.current().pid();
        Path file = Files.writeString(folder.resolve("kept"), "content");
        try (PeerProcess manager = PeerProcess.start(Peers.pythonWithAnyio(), "-c", MANAGER, notify);
                PeerProcess program = withVariables(
                        "3<" + file + " LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=file NOTIFY_SOCKET=" + notify)) {
            assertThat(manager.readLine()).isEqualTo("bound");
            assertThat(program.readLine()).startsWith("file is Descriptor[3, ");
            assertThat(program.readLine()).isEqualTo("the second is empty: true");
            assertThat(program.readLine()).isEqualTo("told: true");
            assertThat(manager.readLine()).isEqualTo("b'FDSTORE=1\\nFDNAME=kept' 1 ['kept']");
        }
    }

    /** A program with a redirection and variables as a shell makes them; it has the number of the shell. */
    private static PeerProcess withVariables(String variables) throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", variables + " exec \"$@\"", "sh"));
        command.addAll(JavaProgram.command(ActivationReport.class));
        return PeerProcess.start(command, Map.of(), null);
    }

    @Test
    void whatIsMeantForAnotherProcessIsLeftAlone() throws Exception {
        try (PeerProcess program = withVariables("3</dev/null LISTEN_PID=1 LISTEN_FDS=1")) {
            assertThat(program.readLine()).isEqualTo("the second is empty: true");
            assertThat(program.readLine()).isEqualTo("told: false");
            assertThat(program.readLine()).isEqualTo("number 3 is open: true");
        }
    }

    @Test
    void ifSomethingIsMissingNothingIsTaken() throws Exception {
        try (PeerProcess program = withVariables("3</dev/null LISTEN_PID=$$ LISTEN_FDS=1000")) {
            assertThat(program.readLine()).startsWith("failed: LISTEN_FDS speaks of 1000 descriptors");
            assertThat(program.readLine()).isEqualTo("number 3 is open: true");
            assertThat(program.awaitExit()).isZero();
        }
    }

    @Test
    void variablesThatMakeNoSenseAreTold() throws Exception {
        try (PeerProcess program = withVariables("3</dev/null LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=a:b")) {
            assertThat(program.readLine())
                    .isEqualTo("failed: LISTEN_FDS speaks of 1 descriptors, and LISTEN_FDNAMES" + " names 2: a:b");
            assertThat(program.readLine()).isEqualTo("number 3 is open: true");
        }
    }

    @Test
    void aManagerThatIsNotThereIsTold() throws Exception {
        Path nowhere = folder.resolve("nowhere");
        try (PeerProcess program = withVariables("NOTIFY_SOCKET=" + nowhere)) {
            assertThat(program.readLine()).isEqualTo("the second is empty: true");
            assertThat(program.readLine()).startsWith("failed: The service manager at " + nowhere);
        }
    }

    @Test
    void aProgramStartedByHandIsPassedNothing() throws IOException {
        try (Activation none = Activation.take()) {
            assertThat(none.isEmpty()).isTrue();
            assertThat(none.names()).isEmpty();
            assertThat(none.descriptors()).isEmpty();
            assertThat(none.named("web")).isEmpty();
        }
    }
}

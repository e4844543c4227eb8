package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** UNIX datagrams between us and the tools socat and ncat. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("SocatUnixDatagramTest")
@Timeout(60)
class SocatUnixDatagramTest {
    @TempDir
    private Path folder;

    private Path ours;
    private Path theirs;

    /** An abstract name of this test's own. */
    private String name;

    @BeforeEach
    void choose() {
        ours = folder.resolve("ours");
        theirs = folder.resolve("theirs");
        name = "bobbinet-socat-" + ProcessHandle.current().pid() + "-" + Long.toHexString(new Random().nextLong());
    }

    private static PeerProcess receiving(String address) throws IOException {
        PeerProcess socat = PeerProcess.start(Peers.socat(), "-dd", address + ",fork", "PIPE");
        socat.awaitErrorLine(line -> line.contains("receiving on AF=1"));
        return socat;
    }

    private static void assertEchoes(ConnectedUnixDatagramSocket socket) throws IOException {
        for (String text : new String[] {"one", "another"}) {
            socket.send(bytes(text));
            assertThat(text(socket.receive().data())).isEqualTo(text);
        }
    }

    @Test
    void socatEchoesAtAPath() throws Exception {
        try (PeerProcess socat = receiving("UNIX-RECVFROM:" + theirs);
                ConnectedUnixDatagramSocket socket = UnixDatagram.connect(theirs);
                UnixDatagramSocket other = UnixDatagram.bind(ours)) {
            assertEchoes(socket);
            other.send(bytes("unconnected"), theirs);
            Datagram<UnixAddress> echo = other.receive();
            assertThat(text(echo.data())).isEqualTo("unconnected");
            assertThat(echo.peer()).contains(UnixAddress.of(theirs));
            assertThat(socat.process().isAlive()).isTrue();
        }
    }

    @Test
    void socatEchoesAtAnAbstractName() throws Exception {
        try (PeerProcess socat = receiving("ABSTRACT-RECVFROM:" + name);
                ConnectedUnixDatagramSocket socket =
                        UnixDatagram.connector(UnixAddress.ofAbstract(name)).connect()) {
            assertEchoes(socket);
            assertThat(socat.process().isAlive()).isTrue();
        }
    }

    private static void assertAnswers(UnixDatagramSocket socket, PeerProcess socat, UnixAddress from)
            throws IOException {
        for (String text : new String[] {"one\n", "another\n"}) {
            socat.write(bytes(text));
            Datagram<UnixAddress> datagram = socket.receive();
            assertThat(text(datagram.data())).isEqualTo(text);
            assertThat(datagram.peer()).contains(from);
            socket.send(datagram.reply(bytes("Hello, " + text)));
            assertThat(socat.readLine()).isEqualTo("Hello, " + text.strip());
        }
    }

    @Test
    void weAnswerSocatAtAPath() throws Exception {
        try (UnixDatagramSocket socket = UnixDatagram.bind(ours);
                PeerProcess socat = PeerProcess.start(Peers.socat(), "-", "UNIX-SENDTO:" + ours + ",bind=" + theirs)) {
            assertAnswers(socket, socat, UnixAddress.of(theirs));
        }
    }

    @Test
    void weAnswerSocatAtAnAbstractName() throws Exception {
        try (UnixDatagramSocket socket =
                        UnixDatagram.binder(UnixAddress.ofAbstract(name)).bind();
                PeerProcess socat = PeerProcess.start(
                        Peers.socat(), "-", "ABSTRACT-SENDTO:" + name + ",bind=" + name + "-client")) {
            assertAnswers(socket, socat, UnixAddress.ofAbstract(name + "-client"));
        }
    }

    @Test
    void socatWithoutANameIsHeard() throws Exception {
        try (UnixDatagramSocket socket = UnixDatagram.bind(ours);
                PeerProcess socat = PeerProcess.start(Peers.socat(), "-u", "-", "UNIX-SENDTO:" + ours)) {
            socat.writeLine("hello");
            Datagram<UnixAddress> datagram = socket.receive();
            assertThat(text(datagram.data())).isEqualTo("hello\n");
            assertThat(datagram.peer()).isEmpty();
        }
    }

    @Test
    void ncatSendsToUsAndHearsTheAnswer() throws Exception {
        try (UnixDatagramSocket socket = UnixDatagram.bind(ours);
                PeerProcess ncat =
                        PeerProcess.start(Peers.ncat(), "-U", "-u", "-s", theirs.toString(), ours.toString())) {
            ncat.writeLine("hello");
            Datagram<UnixAddress> datagram = socket.receive();
            assertThat(text(datagram.data())).isEqualTo("hello\n");
            assertThat(datagram.peer()).contains(UnixAddress.of(theirs));
            socket.send(datagram.reply(bytes("olleh\n")));
            assertThat(ncat.readLine()).isEqualTo("olleh");
        }
    }

    @Test
    void ncatHearsUs() throws Exception {
        try (PeerProcess ncat = PeerProcess.start(Peers.ncat(), "-v", "-l", "-U", "-u", theirs.toString())) {
            ncat.awaitErrorLine(line -> line.contains("Listening on " + theirs));
            try (ConnectedUnixDatagramSocket socket = UnixDatagram.connector(theirs)
                    .withLocalAddress(UnixAddress.of(ours))
                    .connect()) {
                socket.send(bytes("hello\n"));
                assertThat(ncat.readLine()).isEqualTo("hello");
                ncat.writeLine("olleh");
                assertThat(text(socket.receive().data())).isEqualTo("olleh\n");
            }
        }
    }
}

package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET;
import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.SOCK_DGRAM;
import static io.bobbinet.linux.Constants.SOCK_SEQPACKET;
import static io.bobbinet.linux.Constants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.linux.Made.Pair;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DescriptorFacts;
import io.bobbinet.spi.DescriptorFacts.Kind;
import io.bobbinet.spi.DescriptorFacts.State;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.HandlePair;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.SocketHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FactsTest {
    private static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

    private final LinuxBackend backend = new LinuxBackend();
    private final LinuxDescriptors descriptors = new LinuxDescriptors(new LinuxPollers());

    @TempDir
    private Path folder;

    /** And closes it. */
    private static DescriptorFacts facts(DescriptorHandle descriptor) throws IOException {
        try {
            return descriptor.facts();
        } finally {
            descriptor.close();
        }
    }

    private static DescriptorFacts facts(SocketHandle socket) throws IOException {
        return facts(socket.duplicate());
    }

    private DescriptorFacts facts(Path path) throws IOException {
        return facts(descriptors.open(path, Set.of()));
    }

    @Test
    void filesAndDirectories() throws IOException {
        assertThat(facts(Files.createFile(folder.resolve("file"))))
                .isEqualTo(new DescriptorFacts(Kind.FILE, State.NONE, "a regular file"));
        assertThat(facts(folder)).isEqualTo(new DescriptorFacts(Kind.DIRECTORY, State.NONE, "a directory"));
    }

    @Test
    void pipesAndDevices() throws IOException {
        DescriptorFacts pipe = new DescriptorFacts(Kind.PIPE, State.NONE, "a pipe");
        try (Pair ends = Made.pipe()) {
            assertThat(ends.first().facts()).isEqualTo(pipe);
            assertThat(ends.second().facts()).isEqualTo(pipe);
        }
        assertThat(facts(Made.fifo(folder.resolve("fifo")))).isEqualTo(pipe);
        assertThat(facts(Path.of("/dev/null")))
                .isEqualTo(new DescriptorFacts(Kind.DEVICE, State.NONE, "a character device"));
        try (Pair terminal = Made.terminal(descriptors)) {
            assertThat(terminal.second().facts()).isEqualTo(new DescriptorFacts(Kind.DEVICE, State.NONE, "a terminal"));
        }
    }

    @Test
    void whatIsNeitherFileNorSocket() throws IOException {
        assertThat(facts(Made.eventCounter()).kind()).isEqualTo(Kind.OTHER);
    }

    @Test
    void streamSocketsInEveryState() throws IOException, InterruptedException {
        SocketAddress path = UnixName.of(folder.resolve("socket"));
        checkStream(StandardProtocolFamily.UNIX, path, path, Kind.UNIX_STREAM, "a UNIX stream socket");
        checkStream(StandardProtocolFamily.INET, LOOPBACK, LOOPBACK, Kind.TCP, "a TCP socket");
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("::"), 0);
        checkStream(StandardProtocolFamily.INET6, any, LOOPBACK, Kind.TCP, "a TCP socket");
    }

    private void checkStream(
            StandardProtocolFamily family, SocketAddress local, SocketAddress target, Kind kind, String text)
            throws IOException, InterruptedException {
        ListenerHandle listener = backend.openListener(family);
        StreamHandle client = backend.openStream(family);
        assertThat(facts(listener)).isEqualTo(new DescriptorFacts(kind, State.NONE, text));
        assertThat(facts(client)).isEqualTo(new DescriptorFacts(kind, State.NONE, text));
        listener.bind(local);
        assertThat(facts(listener)).isEqualTo(new DescriptorFacts(kind, State.BOUND, text));
        listener.close();
        if (local instanceof UnixName name) {
            Files.delete(name.path());
        }
        ListenerHandle listening = backend.openListener(family);
        listening.listen(local, 5);
        assertThat(facts(listening)).isEqualTo(new DescriptorFacts(kind, State.LISTENING, text));
        SocketAddress to = target instanceof InetSocketAddress inet
                ? new InetSocketAddress(inet.getAddress(), ((InetSocketAddress) listening.localAddress()).getPort())
                : target;
        client.connect(to);
        assertThat(facts(client)).isEqualTo(new DescriptorFacts(kind, State.CONNECTED, text));
        StreamHandle server = listening.accept();
        assertThat(facts(server)).isEqualTo(new DescriptorFacts(kind, State.CONNECTED, text));
        listening.close();
        server.close();
        client.close();
    }

    @Test
    void anEndOfAPairIsConnectedEvenWithoutItsPeer() throws IOException {
        HandlePair pair = backend.openPair();
        assertThat(facts(pair.first()).state()).isEqualTo(State.CONNECTED);
        pair.second().close();
        assertThat(facts(pair.first()).state()).isEqualTo(State.CONNECTED);
        pair.first().close();
    }

    @Test
    void datagramSockets() throws IOException {
        checkDatagrams(
                StandardProtocolFamily.UNIX,
                UnixName.of(folder.resolve("datagrams")),
                Kind.UNIX_DATAGRAM,
                "a UNIX datagram socket");
        checkDatagrams(StandardProtocolFamily.INET, LOOPBACK, Kind.UDP, "a UDP socket");
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("::"), 0);
        checkDatagrams(StandardProtocolFamily.INET6, any, Kind.UDP, "a UDP socket");
    }

    private void checkDatagrams(StandardProtocolFamily family, SocketAddress local, Kind kind, String text)
            throws IOException {
        DatagramHandle handle = backend.openDatagram(family);
        assertThat(facts(handle)).isEqualTo(new DescriptorFacts(kind, State.NONE, text));
        handle.bind(local);
        assertThat(facts(handle)).isEqualTo(new DescriptorFacts(kind, State.BOUND, text));
        DatagramHandle client = backend.openDatagram(family);
        client.connect(handle.localAddress());
        assertThat(facts(client)).isEqualTo(new DescriptorFacts(kind, State.CONNECTED, text));
        client.close();
        handle.close();
    }

    @Test
    void otherSockets() throws IOException {
        assertThat(facts(Made.socket(AF_INET, SOCK_DGRAM)))
                .isEqualTo(new DescriptorFacts(Kind.UDP, State.NONE, "a UDP socket"));
        assertThat(facts(Made.socket(AF_INET6, SOCK_DGRAM)).kind()).isEqualTo(Kind.UDP);
        assertThat(facts(Made.socket(AF_UNIX, SOCK_DGRAM)))
                .isEqualTo(new DescriptorFacts(Kind.UNIX_DATAGRAM, State.NONE, "a UNIX datagram socket"));
        assertThat(facts(Made.socket(AF_UNIX, SOCK_SEQPACKET)))
                .isEqualTo(new DescriptorFacts(Kind.OTHER_SOCKET, State.NONE, "a UNIX socket of sequenced packets"));
        assertThat(facts(Made.socket(16, SOCK_DGRAM))) // AF_NETLINK
                .isEqualTo(new DescriptorFacts(Kind.OTHER_SOCKET, State.NONE, "a socket of family 16 and type 2"));
        try (Pair pair = Made.socketPair(SOCK_STREAM)) {
            assertThat(pair.first().facts().kind()).isEqualTo(Kind.UNIX_STREAM);
        }
    }
}

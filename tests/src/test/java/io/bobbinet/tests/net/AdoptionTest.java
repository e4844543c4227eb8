package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.UNIX;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Channels of the JDK that are taken over. */
@OnEachBackend
@DisplayName("AdoptionTest")
@Timeout(30)
class AdoptionTest {
    @TempDir
    Path folder;

    private static ServerSocketChannel tcpServer() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    }

    private ServerSocketChannel unixServer() throws IOException {
        return ServerSocketChannel.open(UNIX).bind(UnixDomainSocketAddress.of(folder.resolve("s")));
    }

    @Test
    @Tag("smoke")
    void aConnectedTcpChannelBecomesAStream() throws IOException {
        try (ServerSocketChannel server = tcpServer();
                TcpStream stream = Tcp.adopt(SocketChannel.open(server.getLocalAddress()));
                Socket peer = server.accept().socket()) {
            assertThat(stream.peerAddress()).isEqualTo(server.getLocalAddress());
            assertThat(stream.localAddress()).isEqualTo(peer.getRemoteSocketAddress());
            stream.send(bytes("x"));
            assertThat(peer.getInputStream().read()).isEqualTo('x');
            var scope = CancelScope.create();
            scope.cancel();
            scope.run(() -> stream.receive());
            peer.getOutputStream().write('y');
            assertThat(text(stream.receive())).isEqualTo("y");
        }
    }

    @Test
    void aBoundTcpChannelBecomesAListener() throws IOException {
        ServerSocketChannel channel = tcpServer();
        try (TcpListener listener = Tcp.adopt(channel);
                Socket client = new Socket("127.0.0.1", listener.localAddress().getPort());
                TcpStream stream = listener.accept()) {
            assertThat(listener.localAddress()).isEqualTo(channel.getLocalAddress());
            assertThat(stream.peerAddress()).isEqualTo(client.getLocalSocketAddress());
        }
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aConnectedUnixChannelBecomesAStream() throws IOException {
        try (ServerSocketChannel server = unixServer();
                UnixStream stream = Unix.adopt(SocketChannel.open(server.getLocalAddress()));
                UnixStream peer = Unix.adopt(server.accept())) {
            assertThat(stream.peerAddress()).isEqualTo(UnixAddress.of(folder.resolve("s")));
            assertThat(peer.localAddress()).isEqualTo(UnixAddress.of(folder.resolve("s")));
            assertThat(peer.peerAddress().isUnnamed()).isTrue();
            stream.send(bytes("x"));
            assertThat(text(peer.receive())).isEqualTo("x");
        }
    }

    @Test
    void aBoundUnixChannelBecomesAListenerOfUnixStreams() throws IOException {
        try (UnixListener listener = Unix.adopt(unixServer());
                UnixStream client = Unix.connect(folder.resolve("s"));
                UnixStream stream = listener.accept()) {
            assertThat(listener.localAddress()).isEqualTo(UnixAddress.of(folder.resolve("s")));
            client.send(bytes("x"));
            assertThat(text(stream.receive())).isEqualTo("x");
        }
    }

    @Test
    void anotherKindIsRefusedAndBothAreNamed() throws IOException {
        try (ServerSocketChannel tcp = tcpServer();
                ServerSocketChannel unix = unixServer();
                SocketChannel tcpStream = SocketChannel.open(tcp.getLocalAddress());
                SocketChannel unixStream = SocketChannel.open(unix.getLocalAddress())) {
            assertFails(IllegalArgumentException.class, () -> Tcp.adopt(unixStream))
                    .hasMessageContaining("TCP")
                    .hasMessageContaining("UNIX");
            assertFails(IllegalArgumentException.class, () -> Unix.adopt(tcpStream))
                    .hasMessageContaining("TCP")
                    .hasMessageContaining("UNIX");
            assertFails(IllegalArgumentException.class, () -> Tcp.adopt(unix)).hasMessageContaining("UNIX channel");
            assertFails(IllegalArgumentException.class, () -> Unix.adopt(tcp)).hasMessageContaining("TCP channel");
            assertThat(unixStream.isOpen()).isTrue();
            assertThat(tcpStream.isOpen()).isTrue();
            assertThat(unix.isOpen()).isTrue();
            assertThat(tcp.isOpen()).isTrue();
        }
    }

    @Test
    void aChannelThatIsNotConnectedIsRefusedAndRemainsTheCallers() throws IOException {
        try (ServerSocketChannel server = tcpServer();
                SocketChannel channel = SocketChannel.open();
                SocketChannel unix = SocketChannel.open(UNIX)) {
            assertFails(NotYetConnectedException.class, () -> Tcp.adopt(channel));
            assertFails(NotYetConnectedException.class, () -> Unix.adopt(unix));
            assertThat(channel.isBlocking()).isTrue();
            assertThat(channel.connect(server.getLocalAddress())).isTrue();
        }
    }

    @Test
    void aServerChannelThatIsNotBoundIsRefusedAndRemainsTheCallers() throws IOException {
        try (ServerSocketChannel channel = ServerSocketChannel.open();
                ServerSocketChannel unix = ServerSocketChannel.open(UNIX)) {
            assertFails(NotYetBoundException.class, () -> Tcp.adopt(channel));
            assertFails(NotYetBoundException.class, () -> Unix.adopt(unix));
            assertThat(channel.isOpen()).isTrue();
            channel.bind(null);
        }
    }

    @Test
    void aClosedChannelIsRefused() throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.close();
        assertFails(ClosedChannelException.class, () -> Tcp.adopt(channel));
        ServerSocketChannel server = tcpServer();
        server.close();
        assertFails(ClosedChannelException.class, () -> Tcp.adopt(server));
    }

    @Test
    void whatIsToldFirstIsOpenThenConnectedThenTheKind() throws IOException {
        SocketChannel unix = SocketChannel.open(UNIX);
        ServerSocketChannel unixServer = ServerSocketChannel.open(UNIX);
        try (unix;
                unixServer) {
            assertFails(NotYetConnectedException.class, () -> Tcp.adopt(unix));
            assertFails(NotYetBoundException.class, () -> Tcp.adopt(unixServer));
        }
        assertFails(ClosedChannelException.class, () -> Tcp.adopt(unix));
        assertFails(ClosedChannelException.class, () -> Tcp.adopt(unixServer));
    }

    @Test
    void aChannelInTheHandsOfASelectorIsRefused() throws IOException {
        try (ServerSocketChannel server = tcpServer();
                SocketChannel channel = SocketChannel.open(server.getLocalAddress());
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            assertFails(IllegalArgumentException.class, () -> Tcp.adopt(channel))
                    .hasMessageContaining("selector");
            assertThat(channel.isOpen()).isTrue();
        }
    }
}

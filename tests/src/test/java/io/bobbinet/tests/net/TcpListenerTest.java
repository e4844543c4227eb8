package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A TCP listener at work, with sockets of the JDK as clients. */
@OnEachBackend
@DisplayName("TcpListenerTest")
@Timeout(30)
class TcpListenerTest {
    private TcpListener listener;

    @BeforeEach
    void open() throws IOException {
        listener = Tcp.listen("127.0.0.1", 0);
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    private Socket client() throws IOException {
        return new Socket("127.0.0.1", listener.localAddress().getPort());
    }

    @Test
    @Tag("smoke")
    void anAcceptedStreamKnowsItsAddressesAndHasNoDelayOn() throws IOException {
        try (Socket client = client();
                TcpStream stream = listener.accept()) {
            assertThat(stream.peerAddress()).isEqualTo(client.getLocalSocketAddress());
            assertThat(stream.localAddress()).isEqualTo(listener.localAddress());
            assertThat(stream.option(StandardSocketOptions.TCP_NODELAY)).isTrue();
            client.getOutputStream().write(bytes("in"));
            assertThat(text(stream.receive())).isEqualTo("in");
            stream.send(bytes("out"));
            assertThat(client.getInputStream().readNBytes(3)).isEqualTo(bytes("out"));
        }
    }

    @Test
    void theListenerKnowsItsAddressAlsoWhenClosedAndNoPeer() throws IOException {
        InetSocketAddress local = listener.localAddress();
        assertThat(local.getPort()).isNotZero();
        listener.close();
        assertThat(listener.localAddress()).isEqualTo(local);
        assertThat(listener.localAddresses()).containsExactly(local);
        assertThat(listener.find(SocketAttributes.LOCAL_ADDRESS)).contains(local);
        assertThat(listener.find(SocketAttributes.PEER_ADDRESS)).isEmpty();
    }

    @Test
    void acceptingFromAClosedListenerIsClosed() throws IOException {
        listener.close();
        listener.close();
        assertFails(ClosedResourceException.class, () -> listener.accept())
                .hasMessageContaining("127.0.0.1:" + listener.localAddress().getPort());
        assertFails(ClosedResourceException.class, () -> listener.option(StandardSocketOptions.SO_RCVBUF));
    }

    @Test
    void servingAClosedListenerIsClosed() throws IOException {
        listener.close();
        assertFails(ClosedResourceException.class, () -> listener.serve(client -> {}));
    }

    @Test
    @Tag("smoke")
    void closingWakesABlockedAcceptAndAServe() throws Exception {
        TaskGroup.run(group -> {
            Task<?> accept = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> listener.accept());
            });
            Blocked.await(accept);
            listener.close();
        });
        TcpListener other = Tcp.listen("127.0.0.1", 0);
        TaskGroup.run(group -> {
            Task<?> serve = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> other.serve(client -> {}));
            });
            Blocked.await(serve);
            other.close();
        });
    }

    @Test
    void aSecondAcceptIsBusyUntilTheFirstIsCancelled() throws Exception {
        TaskGroup.run(group -> {
            Task<TcpStream> first = group.fork(() -> listener.accept());
            Blocked.await(first);
            assertFails(BusyResourceException.class, () -> listener.accept()).hasMessageContaining("accepting from");
            first.cancel();
            first.await();
            try (Socket client = client();
                    TcpStream stream = listener.accept()) {
                assertThat(stream.peerAddress()).isEqualTo(client.getLocalSocketAddress());
            }
        });
    }

    @Test
    void aCancelledAcceptTakesNoConnection() throws Exception {
        try (Socket client = client()) {
            var scope = CancelScope.create();
            scope.cancel();
            assertThat(scope.run(() -> listener.accept().close())).isFalse();
            try (TcpStream stream = listener.accept()) {
                assertThat(stream.peerAddress()).isEqualTo(client.getLocalSocketAddress());
            }
        }
    }

    @Test
    void closingLeavesAcceptedConnectionsAliveAndResetsThoseThatWait() throws IOException {
        try (Socket accepted = client();
                TcpStream stream = listener.accept();
                Socket waiting = client()) {
            listener.close();
            stream.send(bytes("alive"));
            assertThat(accepted.getInputStream().readNBytes(5)).isEqualTo(bytes("alive"));
            assertThatThrownBy(() -> waiting.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void dataAndThenTheEndAreReceivedFromAPeerThatEndsItsSending() throws IOException {
        try (Socket client = client();
                TcpStream stream = listener.accept()) {
            client.getOutputStream().write(bytes("request"));
            client.shutdownOutput();
            List<String> pieces = new ArrayList<>();
            stream.forEach(piece -> pieces.add(text(piece)));
            assertThat(String.join("", pieces)).isEqualTo("request");
        }
    }

    @Test
    void aPeerThatEndedItsSendingStillGetsAReply() throws IOException {
        try (Socket client = client();
                TcpStream stream = listener.accept()) {
            client.shutdownOutput();
            assertFails(EndOfStreamException.class, () -> stream.receive());
            stream.send(bytes("reply"));
            stream.sendEof();
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(bytes("reply"));
        }
    }

    @Test
    void aConnectionResetBeforeItWasAcceptedIsAcceptedAndBroken() throws IOException {
        Socket client = client();
        client.setSoLinger(true, 0);
        client.close();
        try (TcpStream stream = listener.accept()) {
            assertThat(stream.peerAddress()).isNotNull();
            assertThat(stream.localAddress()).isNotNull();
            assertFails(BrokenResourceException.class, () -> stream.receive());
            assertFails(BrokenResourceException.class, () -> stream.receive());
        }
    }

    @Test
    void theLoopOverAcceptsEndsWhenTheBodyClosesTheListener() throws IOException {
        try (Socket one = client();
                Socket two = client()) {
            List<InetSocketAddress> peers = new ArrayList<>();
            listener.forEach(stream -> {
                try (stream) {
                    peers.add(stream.peerAddress());
                    if (peers.size() == 2) {
                        listener.close();
                    }
                }
            });
            assertThat(peers).containsExactly((InetSocketAddress) one.getLocalSocketAddress(), (InetSocketAddress)
                    two.getLocalSocketAddress());
        }
    }
}

package io.bobbinet.backend.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.SystemDatagram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the JDK's channel makes difficult. */
@Timeout(30)
class NioDatagramHandleTest {
    private final NioBackend backend = new NioBackend();

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private DatagramHandle open() throws IOException {
        return backend.openDatagram(StandardProtocolFamily.INET);
    }

    private static byte[] bytes(DatagramVector batch, int index) {
        byte[] bytes = new byte[batch.length(index)];
        batch.memory().get(batch.offset(index), bytes);
        return bytes;
    }

    @Test
    void aFailureAmongDatagramsOfABatchIsToldByTheNextCall() throws Exception {
        ScriptedChannel channel = new ScriptedChannel();
        DatagramHandle handle = backend.adoptDatagram(channel);
        channel.script.add(new byte[] {1});
        channel.script.add(new PortUnreachableException("one"));
        channel.script.add(new byte[] {2});
        DatagramVector batch = new DatagramVector(4, 10);
        handle.receive(batch);
        assertThat(batch.size()).isEqualTo(1);
        handle.awaitReadable(); // there is a failure to be told
        assertThatThrownBy(() -> handle.receive(batch))
                .isInstanceOf(PortUnreachableException.class)
                .hasMessage("one");
        assertThat(batch.size()).isZero();
        assertThat(handle.receive(5).data()).containsExactly(2);

        channel.script.add(new byte[] {3});
        channel.script.add(new PortUnreachableException("two"));
        handle.receive(batch);
        ByteBuffer data = ByteBuffer.allocate(1);
        assertThatThrownBy(() -> handle.send(data, ScriptedChannel.SENDER)).hasMessage("two");
        handle.send(data, ScriptedChannel.SENDER);
    }

    @Test
    void aCloseIsToldBeforeAFailureOfEarlier() throws Exception {
        ScriptedChannel channel = new ScriptedChannel();
        DatagramHandle handle = backend.adoptDatagram(channel);
        channel.script.add(new byte[] {1});
        channel.script.add(new PortUnreachableException());
        handle.receive(new DatagramVector(4, 10));
        handle.close();
        assertThatThrownBy(() -> handle.receive(1)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(handle::awaitReadable).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aBatchEndsWhereTheSlotsEndAndTellsWhatWasCut() throws Exception {
        ScriptedChannel channel = new ScriptedChannel();
        DatagramHandle handle = backend.adoptDatagram(channel);
        channel.script.add(new byte[] {1, 2, 3, 4});
        channel.script.add(new byte[] {5, 6, 7});
        channel.script.add(new byte[] {8, 9, 10, 11});
        channel.script.add(new byte[] {12});
        DatagramVector batch = new DatagramVector(3, 3);
        handle.receive(batch);
        assertThat(batch.size()).isEqualTo(3);
        assertThat(bytes(batch, 0)).containsExactly(1, 2, 3);
        assertThat(bytes(batch, 1)).containsExactly(5, 6, 7);
        assertThat(bytes(batch, 2)).containsExactly(8, 9, 10);
        assertThat(batch.fullLength(0)).isEqualTo(-1);
        assertThat(batch.fullLength(1)).isEqualTo(3);
        assertThat(batch.fullLength(2)).isEqualTo(-1);
        handle.receive(batch);
        assertThat(batch.size()).isEqualTo(1);
    }

    @Test
    void anEmptyDatagramOfAConnectedSocketArrivesAndIsAnswered() throws Exception {
        DatagramHandle receiver = open();
        DatagramHandle connected = open();
        try {
            receiver.bind(anyPort());
            connected.connect(receiver.localAddress());
            boolean before = connected.getOption(StandardSocketOptions.SO_REUSEADDR);
            Thread.currentThread().interrupt();
            connected.send(ByteBuffer.allocate(0));
            connected.send(ByteBuffer.allocate(0), receiver.localAddress());
            assertThat(Thread.interrupted()).isTrue();
            connected.send(ByteBuffer.wrap(new byte[] {1}));
            for (int length : new int[] {0, 0, 1}) {
                SystemDatagram datagram = receiver.receive(10);
                assertThat(datagram.data()).hasSize(length);
                assertThat(datagram.length()).isEqualTo(length);
                assertThat(datagram.sender()).isEqualTo(connected.localAddress());
            }
            assertThat(connected.getOption(StandardSocketOptions.SO_REUSEADDR)).isEqualTo(before);
            receiver.send(ByteBuffer.allocate(0), connected.localAddress());
            assertThat(connected.receive(10).data()).isEmpty();
        } finally {
            receiver.close();
            connected.close();
        }
    }

    @Test
    void anEmptyDatagramOfAConnectedSocketThatSharesItsPortIsRefused() throws Exception {
        DatagramHandle receiver = open();
        DatagramHandle connected = open();
        try {
            receiver.bind(anyPort());
            connected.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            connected.bind(anyPort());
            connected.connect(receiver.localAddress());
            assertThatThrownBy(() -> connected.send(ByteBuffer.allocate(0)))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("linux");
            connected.send(ByteBuffer.allocate(1));
            assertThat(receiver.receive(10).data()).hasSize(1);
        } finally {
            receiver.close();
            connected.close();
        }
    }

    @Test
    void aLengthThatNoDatagramHasIsCutToTheLongest() throws Exception {
        DatagramHandle receiver = open();
        DatagramHandle sender = open();
        try {
            receiver.bind(anyPort());
            for (int max : new int[] {65_535, 65_536, Integer.MAX_VALUE}) {
                sender.send(ByteBuffer.allocate(65_507), receiver.localAddress());
                assertThat(receiver.receive(max).data()).hasSize(65_507);
            }
        } finally {
            receiver.close();
            sender.close();
        }
    }

    @Test
    void aConnectedSocketTellsTheSameExceptionsAsOneThatIsNot() throws Exception {
        DatagramHandle receiver = open();
        DatagramHandle connected = open();
        try {
            receiver.bind(anyPort());
            connected.connect(receiver.localAddress());
            assertThatThrownBy(() -> connected.send(ByteBuffer.allocate(70_000)))
                    .isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> receiver.send(ByteBuffer.allocate(70_000), connected.localAddress()))
                    .isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> connected.send(ByteBuffer.allocate(1), anyPort()))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("connected to");
            assertThatThrownBy(() -> connected.getOption(StandardSocketOptions.IP_MULTICAST_IF))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("IP_MULTICAST_IF");
        } finally {
            receiver.close();
            connected.close();
        }
    }

    @Test
    void aBlockingChannelIsAdoptedAndNotClosedByInterrupts() throws Exception {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channel.bind(anyPort());
        DatagramHandle handle = backend.adoptDatagram(channel);
        Thread.currentThread().interrupt();
        handle.send(ByteBuffer.wrap(new byte[] {1}), handle.localAddress());
        assertThat(handle.receive(1).data()).containsExactly(1);
        assertThatThrownBy(() -> handle.receive(1)).isInstanceOf(InterruptedException.class);
        assertThat(channel.isOpen()).isTrue();
        handle.close();
        assertThat(channel.isOpen()).isFalse();
    }
}

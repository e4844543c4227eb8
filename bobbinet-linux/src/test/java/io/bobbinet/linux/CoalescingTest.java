package io.bobbinet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.RawOption;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.spi.SystemOptions;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams that the system hands over in one piece. */
@Timeout(30)
class CoalescingTest extends OpenedDatagrams {
    /** A socket that was told to coalesce. */
    private DatagramHandle coalescing() throws Exception {
        DatagramHandle receiver = udp();
        receiver.send(bytes("first"), receiver.localAddress());
        receiver.receive(new DatagramVector(MANY, 1024));
        assertThat(coalesces(receiver)).isTrue();
        return receiver;
    }

    private static void send(DatagramHandle handle, int from, int to, int size) throws Exception {
        DatagramVector out = new DatagramVector(to - from, size);
        for (int i = from; i < to; i++) {
            add(out, numbered(i, size), handle.localAddress());
        }
        handle.send(out);
    }

    @Test
    void whatCameAsOneIsReceivedOneByOne() throws Exception {
        DatagramHandle receiver = coalescing();
        receiver.setOption(SystemOptions.DESTINATION_ADDRESS, true);
        send(receiver, 0, 10, 500);
        for (int i = 0; i < 5; i++) {
            receiver.awaitReadable();
            SystemDatagram datagram = receiver.receive(300);
            assertThat(datagram.data()).isEqualTo(numbered(i, 300));
            assertThat(datagram.length()).isEqualTo(500);
            assertThat(datagram.sender()).isEqualTo(receiver.localAddress());
            assertThat(datagram.destination()).contains(InetAddress.getByName("127.0.0.1"));
        }
        DatagramVector small = new DatagramVector(2, 400);
        receiver.receive(small);
        assertThat(small.size()).isEqualTo(2);
        assertThat(data(small, 1)).isEqualTo(numbered(6, 400));
        assertThat(small.fullLength(1)).isEqualTo(500);
        DatagramVector large = new DatagramVector(MANY, 1024);
        assertThat(receive(receiver, large, 3)).containsExactly(numbered(7, 500), numbered(8, 500), numbered(9, 500));
    }

    @Test
    void aSmallBatchLeavesWhatItHasNoRoomFor() throws Exception {
        DatagramHandle receiver = coalescing();
        receiver.setOption(SystemOptions.DESTINATION_ADDRESS, true);
        send(receiver, 0, 10, 500);
        receiver.send(ByteBuffer.allocate(0), receiver.localAddress());
        DatagramVector small = new DatagramVector(3, 500);
        receiver.receive(small);
        assertThat(small.size()).isEqualTo(3);
        for (int i = 3; i < 10; i++) {
            SystemDatagram next = receiver.receive(1000);
            assertThat(next.data()).isEqualTo(numbered(i, 500));
            assertThat(next.destination()).contains(InetAddress.getByName("127.0.0.1"));
        }
        assertThat(receiver.receive(1000).data()).isEmpty();
    }

    @Test
    void theOrderStaysWhenPiecesComeBetweenSingleOnes() throws Exception {
        DatagramHandle receiver = coalescing();
        DatagramVector in = new DatagramVector(MANY, 1024);
        for (int round = 0; round < 3; round++) {
            receiver.send(ByteBuffer.wrap(numbered(100, 10)), receiver.localAddress());
            send(receiver, 0, 10, 500);
            receiver.send(ByteBuffer.wrap(numbered(101, 10)), receiver.localAddress());
            List<byte[]> received = receive(receiver, in, 12);
            assertThat(received.getFirst()).isEqualTo(numbered(100, 10));
            assertThat(received.get(1)).isEqualTo(numbered(0, 500));
            assertThat(received.get(10)).isEqualTo(numbered(9, 500));
            assertThat(received.getLast()).isEqualTo(numbered(101, 10));
        }
    }

    @Test
    void moreThanTheSlotsMayComeAndGoOnAtOnce() throws Exception {
        DatagramHandle receiver = coalescing();
        DatagramHandle last = coalescing();
        DatagramVector in = new DatagramVector(32, 2048);
        List<byte[]> sent = new ArrayList<>();
        int most = 0;
        for (int round = 0; round < 3; round++) {
            send(receiver, 0, 60, 1000);
            for (int i = 0; i < 60; i++) {
                sent.add(numbered(i, 1000));
            }
            for (int left = 60; left > 0; left -= in.size()) {
                receiver.receive(in);
                most = Math.max(most, in.size());
                for (int i = 0; i < in.size(); i++) {
                    in.address(i, last.localAddress());
                }
                receiver.send(in);
                assertThat(in.position()).isEqualTo(in.size());
            }
        }
        assertThat(most).isGreaterThan(32);
        assertThat(receive(last, in, sent.size())).containsExactlyElementsOf(sent);
    }

    @Test
    void closingDropsWhatIsLeftOver() throws Exception {
        DatagramHandle receiver = coalescing();
        send(receiver, 0, 10, 500);
        assertThat(receiver.receive(1000).data()).isEqualTo(numbered(0, 500));
        receiver.close();
        assertThatThrownBy(() -> receiver.receive(1000)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(receiver::awaitReadable).isInstanceOf(ClosedChannelException.class);
        DatagramVector in = new DatagramVector(2, 1000);
        assertThatThrownBy(() -> receiver.receive(in)).isInstanceOf(ClosedChannelException.class);
        in.add(0, 1, 1);
        in.add(0, 1, 1);
        in.position(1);
        assertThatThrownBy(() -> receiver.send(in)).isInstanceOf(ClosedChannelException.class);
        assertThat(in.position()).isEqualTo(1);
        in.position(2);
        assertThatThrownBy(() -> receiver.send(in)).isInstanceOf(ClosedChannelException.class);
        assertThat(in.position()).isEqualTo(2);
    }

    /** As a user may, who knows. */
    private static void coalesceByNumber(DatagramHandle handle) throws IOException {
        handle.setOption(new RawOption("UDP_GRO", Constants.IPPROTO_UDP, Constants.UDP_GRO, 4), SocketOptions.bytes(1));
    }

    @Test
    void aSocketThatCoalescesIsTakenOver() throws Exception {
        DatagramHandle receiver = udp();
        coalesceByNumber(receiver);
        DatagramHandle adopted = adopted(receiver);
        send(adopted, 0, 3, 100);
        for (int i = 0; i < 3; i++) {
            assertThat(adopted.receive(1000).data()).isEqualTo(numbered(i, 100));
        }
    }

    @Test
    void whatWasToldToCoalesceByNumberIsReceivedOneByOne() throws Exception {
        DatagramHandle receiver = udp();
        coalesceByNumber(receiver);
        send(receiver, 0, 6, 100);
        for (int i = 0; i < 3; i++) {
            assertThat(receiver.receive(1000).data()).isEqualTo(numbered(i, 100));
        }
        DatagramVector in = new DatagramVector(MANY, 1024);
        assertThat(receive(receiver, in, 3)).containsExactly(numbered(3, 100), numbered(4, 100), numbered(5, 100));
    }

    /** Whoever has the other descriptor may be another program. */
    @Test
    void aSocketThatOthersMayHaveDoesNotCoalesce() throws Exception {
        DatagramHandle receiver = udp();
        DatagramHandle same = adopted(receiver);
        DatagramVector in = new DatagramVector(MANY, 1024);
        for (DatagramHandle each : List.of(receiver, same)) {
            send(each, 0, 3, 100);
            assertThat(receive(each, in, 3)).containsExactly(numbered(0, 100), numbered(1, 100), numbered(2, 100));
            assertThat(coalesces(each)).isFalse();
        }
        same.close();
        receiver.send(bytes("x"), receiver.localAddress());
        receiver.receive(in);
        assertThat(coalesces(receiver)).isFalse();
    }

    @Test
    void aSocketThatCoalescesGivesNoDescriptor() throws Exception {
        DatagramHandle receiver = coalescing();
        assertThatThrownBy(receiver::duplicate)
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("receives in one piece what came as several")
                .hasMessageContaining("smaller batches");
        receiver.close();
        assertThatThrownBy(receiver::duplicate).isInstanceOf(ClosedChannelException.class);
    }

    private static void ask(DatagramHandle handle, int option, int value) throws IOException {
        handle.setOption(new RawOption("", Constants.SOL_SOCKET, option, 4), SocketOptions.bytes(value));
    }

    @Test
    void whatElseComesBesideDatagramsLeavesRoom() throws Exception {
        DatagramHandle receiver = coalescing();
        ask(receiver, 35, 1); // SO_TIMESTAMPNS
        ask(receiver, 37, 24); // SO_TIMESTAMPING, by the software
        int mark = 75; // SO_RCVMARK, since Linux 6.0
        Libc.setsockopt(descriptor(receiver), Constants.SOL_SOCKET, mark, SocketOptions.bytes(1));
        receiver.setOption(new RawOption("IP_RECVTTL", Constants.IPPROTO_IP, 12, 4), SocketOptions.bytes(1));
        receiver.setOption(new RawOption("IP_RECVTOS", Constants.IPPROTO_IP, 13, 4), SocketOptions.bytes(1));
        receiver.setOption(new RawOption("IP_ORIGDSTADDR", Constants.IPPROTO_IP, 20, 4), SocketOptions.bytes(1));
        receiver.setOption(SystemOptions.DESTINATION_ADDRESS, true);
        DatagramVector in = new DatagramVector(MANY, 1024);
        for (int round = 0; round < 3; round++) {
            send(receiver, 0, 5, 100);
            for (byte[] each : receive(receiver, in, 5)) {
                assertThat(each).hasSize(100);
            }
        }
    }

    @Test
    void severalThatNobodyCanTellApartAreNotTakenForOne() throws Exception {
        DatagramHandle receiver = coalescing();
        ask(receiver, 35, 1); // SO_TIMESTAMPNS
        DatagramVector in = new DatagramVector(MANY, 1024);
        for (int room : new int[] {40, 48}) { // less than a header behind the time, and a header without its data
            send(receiver, 0, 3, 100);
            BatchArrays arrays = BatchArrays.of(in);
            arrays.putPiece(0, 0, in.memory().capacity());
            arrays.putReceive(0, 0, 1, true);
            arrays.messages.set(ValueLayout.JAVA_LONG, MessageLayout.MSG_CONTROLLEN, room);
            assertThat(DatagramCalls.recvmmsg(descriptor(receiver), arrays.messages, 1, 0, arrays.errno))
                    .isEqualTo(1);
            assertThat(arrays.length(0)).isEqualTo(300);
            assertThat(arrays.isSeveral(0)).isFalse();
            assertThatThrownBy(() -> arrays.segmentSize(0))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Datagrams are lost")
                    .hasMessageContaining("level 1 type 35");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 2048, 5000})
    void singleOnesBehindManyInOnePieceComeInOneCall(int slotSize) throws Exception {
        DatagramHandle receiver = coalescing();
        DatagramVector in = new DatagramVector(MANY, slotSize);
        for (int round = 0; round < 3; round++) {
            send(receiver, 0, 20, 100);
            assertThat(receive(receiver, in, 20)).hasSize(20);
            for (int i = 1; i <= 20; i++) {
                receiver.send(ByteBuffer.wrap(numbered(i, i)), receiver.localAddress());
            }
            receiver.send(ByteBuffer.wrap(numbered(21, slotSize + 10)), receiver.localAddress());
            receiver.receive(in);
            assertThat(in.size()).isEqualTo(21);
            for (int i = 0; i < 20; i++) {
                assertThat(data(in, i)).isEqualTo(numbered(i + 1, i + 1));
            }
            assertThat(data(in, 20)).isEqualTo(numbered(21, slotSize));
            assertThat(in.fullLength(20)).isEqualTo(slotSize + 10);
        }
    }

    @Test
    void aReceiverThatWaitsHasMadeNoAreaForThat() throws Exception {
        DatagramHandle receiver = coalescing();
        DatagramVector in = new DatagramVector(MANY, 1024);
        List<SpillArea> held = new ArrayList<>();
        for (SpillArea area = SpillArea.takeFree(); area != null; area = SpillArea.takeFree()) {
            held.add(area);
        }
        Running<Integer> waiting = Running.start(() -> {
                    receiver.receive(in);
                    return in.size();
                })
                .awaitBlocked();
        assertThat(SpillArea.takeFree()).isNull();
        receiver.send(bytes("x"), receiver.localAddress());
        assertThat(waiting.value()).isEqualTo(1);
        assertThat(SpillArea.takeFree()).isNotNull();
        held.forEach(SpillArea::give);
    }
}

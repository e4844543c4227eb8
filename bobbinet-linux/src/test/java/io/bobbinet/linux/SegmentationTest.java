package io.bobbinet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.RawOption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagrams that the system is given in one piece. */
@Timeout(30)
class SegmentationTest extends OpenedDatagrams {
    private static Segmentation probed(DatagramHandle handle) {
        Segmentation segmentation = new Segmentation(((LinuxHandle) handle).family);
        segmentation.probe(descriptor(handle));
        return segmentation;
    }

    @Test
    void theSocketItselfIsAskedWhetherItCanSegment() throws Exception {
        DatagramVector batch = new DatagramVector(2, 100);
        batch.add(0, 10, 10);
        batch.add(0, 10, 10);
        for (StandardProtocolFamily family : List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)) {
            DatagramHandle handle = open(family);
            Segmentation segmentation = new Segmentation(((LinuxHandle) handle).family);
            assertThat(segmentation.isUnknown()).isTrue();
            assertThat(segmentation.end(batch, 0, null, false)).isEqualTo(1);
            segmentation.probe(descriptor(handle));
            assertThat(segmentation.isUnknown()).isFalse();
            assertThat(segmentation.end(batch, 0, null, false)).isEqualTo(2);
        }
        Segmentation without = new Segmentation(Constants.AF_INET);
        without.probe(descriptor(unix("no UDP")));
        assertThat(without.isUnknown()).isFalse();
        assertThat(without.end(batch, 0, null, false)).isEqualTo(1);
    }

    @Test
    void runsOfASizeAreSegmentedAndOthersAreNot() throws Exception {
        Segmentation segmentation = probed(udp());
        DatagramVector batch = new DatagramVector(100, 2000);
        for (int size : new int[] {100, 100, 50, 100, 0, 100, 200}) {
            batch.add(0, size, size);
        }
        assertThat(segmentation.end(batch, 0, null, false)).isEqualTo(3); // the shorter one is the last
        assertThat(segmentation.end(batch, 3, null, false)).isEqualTo(4); // an empty one goes alone
        assertThat(segmentation.end(batch, 4, null, false)).isEqualTo(5);
        assertThat(segmentation.end(batch, 5, null, false)).isEqualTo(6);
        assertThat(new Segmentation(Constants.AF_UNIX).isUnknown()).isFalse();
        assertThat(new Segmentation(Constants.AF_UNIX).end(batch, 0, null, false))
                .isEqualTo(1);
        batch.clear();
        for (int i = 0; i < 100; i++) {
            batch.add(0, 2000, 2000);
        }
        assertThat(segmentation.end(batch, 0, null, false)).isEqualTo(32);
        batch.clear();
        for (int i = 0; i < 100; i++) {
            batch.add(0, 20, 20);
        }
        assertThat(segmentation.end(batch, 10, null, false)).isEqualTo(74);
    }

    @Test
    void runsEndWhereTheDestinationChanges() throws Exception {
        Segmentation segmentation = probed(udp());
        DatagramVector batch = new DatagramVector(4, 100);
        batch.add(0, 10, 10, loopback(1));
        batch.add(0, 10, 10, loopback(1));
        batch.add(0, 10, 10, loopback(2));
        batch.add(0, 10, 10);
        Destination first = Destination.of(loopback(1), Constants.AF_INET);
        Destination second = Destination.of(loopback(2), Constants.AF_INET);
        assertThat(segmentation.end(batch, 0, first, false)).isEqualTo(2);
        assertThat(segmentation.end(batch, 2, second, false)).isEqualTo(3);
        assertThat(segmentation.end(batch, 3, null, false)).isEqualTo(4);
    }

    @Test
    void whatWasRefusedIsNotTriedAgain() throws Exception {
        Segmentation segmentation = probed(udp());
        DatagramVector batch = new DatagramVector(4, 2000);
        batch.add(0, 1500, 1500, loopback(1));
        batch.add(0, 1500, 1500, loopback(1));
        Destination first = Destination.of(loopback(1), Constants.AF_INET);
        Destination second = Destination.of(loopback(2), Constants.AF_INET);
        assertThat(Segmentation.isRefusal(Errno.ENETUNREACH.result())).isFalse();
        assertThat(Segmentation.isRefusal(Errno.ENOPROTOOPT.result())).isFalse();
        assertThat(Segmentation.isRefusal(Errno.EMSGSIZE.result())).isTrue();
        segmentation.refused(Errno.EMSGSIZE.result(), first, 1500);
        assertThat(segmentation.end(batch, 0, first, false)).isEqualTo(1);
        batch.clear();
        batch.add(0, 1400, 1400, loopback(1));
        batch.add(0, 1400, 1400, loopback(1));
        assertThat(segmentation.end(batch, 0, first, false)).isEqualTo(2); // shorter ones may go
        batch.clear();
        batch.add(0, 1500, 1500, loopback(2));
        batch.add(0, 1500, 1500, loopback(2));
        assertThat(segmentation.end(batch, 0, second, false)).isEqualTo(2); // and those to others
        assertThat(Segmentation.isRefusal(Errno.EIO.result())).isTrue();
        segmentation.refused(Errno.EIO.result(), first, 1);
        assertThat(segmentation.end(batch, 0, second, false)).isEqualTo(1);
    }

    /** The kernel does not segment what is sent without checksums. */
    @Test
    void aRefusedMessageGoesOneByOne() throws Exception {
        DatagramHandle receiver = udp();
        byte[] to = SocketAddresses.encode(receiver.localAddress(), Constants.AF_INET);
        DatagramHandle sender = udp();
        int noChecksums = 11; // SO_NO_CHECK
        Errno.check(Libc.setsockopt(descriptor(sender), Constants.SOL_SOCKET, noChecksums, SocketOptions.bytes(1)));
        DatagramVector out = new DatagramVector(10, 100);
        for (int i = 0; i < 10; i++) {
            add(out, numbered(i, 100), receiver.localAddress());
        }
        BatchArrays arrays = BatchArrays.of(out);
        arrays.putPiece(0, 0, 1000);
        arrays.putSend(0, 0, 1, to, 100);
        int refused = DatagramCalls.sendmmsg(descriptor(sender), arrays.messages, 1, 0, arrays.errno);
        assertThat(refused).isIn(Errno.EINVAL.result(), Errno.EIO.result());
        sender.send(out);
        for (int i = 0; i < 10; i++) {
            assertThat(receiver.receive(1000).data()).isEqualTo(numbered(i, 100));
        }
    }

    /** A message of ICMP to 127.0.0.1 about a datagram that a socket has sent, RFC 792. */
    private static byte[] unreachable(int code, DatagramHandle from, DatagramHandle to) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(36);
        packet.put(0, (byte) 3).put(1, (byte) code);
        packet.put(8, (byte) 0x45).putShort(10, (short) 128).put(16, (byte) 64).put(17, (byte) 17);
        packet.putInt(20, 0x7f000001).putInt(24, 0x7f000001);
        packet.putShort(28, (short) ((InetSocketAddress) from.localAddress()).getPort());
        packet.putShort(30, (short) ((InetSocketAddress) to.localAddress()).getPort());
        int sum = 0;
        for (int i = 0; i < packet.capacity(); i += 2) {
            sum += Short.toUnsignedInt(packet.getShort(i));
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        packet.putShort(2, (short) ~(sum + (sum >>> 16)));
        return packet.array();
    }

    private static void tellUnreachable(int code, DatagramHandle from, DatagramHandle to) throws Exception {
        int raw = Libc.socket(Constants.AF_INET, 3 | Constants.SOCK_CLOEXEC, 1); // SOCK_RAW, ICMP
        assumeTrue(raw >= 0, "not allowed to send ICMP");
        byte[] address = SocketAddresses.encode(loopback(0), Constants.AF_INET);
        MemorySegment packet = MemorySegment.ofArray(unreachable(code, from, to));
        long sent = DatagramCalls.sendto(raw, packet, 0, address, new int[1]);
        FileCalls.close(raw);
        assertThat(sent).isEqualTo(36);
        from.awaitReadable(); // until there is the failure to be told
    }

    @Test
    void whatIcmpTellsLateIsNotTakenForARefusal() throws Exception {
        DatagramHandle receiver = udp();
        DatagramHandle sender = udp();
        sender.connect(receiver.localAddress());
        DatagramVector out = new DatagramVector(4, 100);
        for (int i = 0; i < 4; i++) {
            out.add(i * 100, 100, 100);
        }
        int protocolUnreachable = 2;
        tellUnreachable(protocolUnreachable, sender, receiver);
        assertThatThrownBy(() -> sender.send(out))
                .isInstanceOf(SocketException.class)
                .hasMessage("Protocol not available");
        assertThat(out.position()).isZero();
        sender.send(out);
        assertThat(BatchArrays.of(out).counts[0]).isEqualTo(4);
        sender.setOption(new RawOption("IP_RECVERR", Constants.IPPROTO_IP, 11, 4), SocketOptions.bytes(1));
        int sourceRouteFailed = 5; // EOPNOTSUPP
        tellUnreachable(sourceRouteFailed, sender, receiver);
        for (int i = 0; i < 2; i++) {
            out.position(0);
            sender.send(out);
            assertThat(out.position()).isEqualTo(4);
            assertThat(BatchArrays.of(out).counts[0]).isEqualTo(4);
        }
        assertThat(receive(receiver, new DatagramVector(MANY, 100), 12)).hasSize(12);
    }

    /** Where one alone goes in fragments, several do not go as one. */
    @Test
    void whatIsLongerThanTheWayLetsThroughGoesOneByOne() throws Exception {
        Inet6Address local = linkLocal();
        NetworkInterface on = NetworkInterface.getByIndex(local.getScopeId());
        assumeTrue(on.getMTU() < 10_000, "an interface that lets long ones through");
        InetAddress group = InetAddress.getByName("ff02::77");
        InetAddress scoped = Inet6Address.getByAddress(null, group.getAddress(), on.getIndex());
        DatagramHandle member = open(StandardProtocolFamily.INET6);
        member.bind(new InetSocketAddress("::", 0));
        member.join(group, on, Optional.empty());
        SocketAddress to = new InetSocketAddress(scoped, ((InetSocketAddress) member.localAddress()).getPort());
        DatagramVector out = new DatagramVector(6, on.getMTU() + 1);
        for (int i = 0; i < 6; i++) {
            add(out, numbered(i, on.getMTU() + 1), to);
        }
        member.send(out);
        for (int i = 0; i < 6; i++) {
            assertThat(member.receive(out.slotSize()).data()).isEqualTo(numbered(i, on.getMTU() + 1));
        }
    }
}

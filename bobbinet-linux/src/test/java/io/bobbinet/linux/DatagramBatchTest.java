package io.bobbinet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.UnixName;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many datagrams at once. */
@Timeout(30)
class DatagramBatchTest extends OpenedDatagrams {
    @ParameterizedTest
    @ValueSource(ints = {8, MANY})
    void allOfABatchArriveAsTheyAre(int slots) throws Exception {
        DatagramHandle sender = udp();
        DatagramHandle receiver = udp();
        DatagramVector out = new DatagramVector(slots, 2000);
        DatagramVector in = new DatagramVector(slots, 2000);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            out.clear();
            List<byte[]> sent = new ArrayList<>();
            int count = 1 + random.nextInt(slots);
            int size = random.nextInt(1200);
            for (int i = 0; i < count; i++) {
                if (random.nextInt(5) == 0) {
                    size = random.nextInt(2001);
                }
                sent.add(numbered(i, size));
                add(out, sent.getLast(), receiver.localAddress());
            }
            sender.send(out);
            assertThat(out.position()).isEqualTo(count);
            List<byte[]> received = new ArrayList<>();
            while (received.size() < count) {
                if (random.nextBoolean()) {
                    received.add(receiver.receive(2000).data());
                } else {
                    receiver.receive(in);
                    for (int i = 0; i < in.size(); i++) {
                        received.add(data(in, i));
                        assertThat(in.fullLength(i)).isEqualTo(in.length(i));
                        assertThat(in.address(i)).isEqualTo(sender.localAddress());
                    }
                }
            }
            assertThat(received).as("seed " + seed + ", round " + round).containsExactlyElementsOf(sent);
        }
        assertThat(coalesces(receiver)).isEqualTo(slots == MANY);
    }

    @Test
    void aBatchToManyGoesToEach() throws Exception {
        DatagramHandle sender = udp();
        DatagramVector out = new DatagramVector(MANY, 100);
        List<DatagramHandle> receivers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            receivers.add(udp());
        }
        for (int i = 0; i < MANY; i++) {
            add(out, numbered(i, 50), receivers.get(i / 3 % 8).localAddress());
        }
        sender.send(out);
        for (int i = 0; i < MANY; i++) {
            assertThat(receivers.get(i / 3 % 8).receive(100).data()).isEqualTo(numbered(i, 50));
        }
    }

    @Test
    void aBatchFromManyTellsWhoEachIsFrom() throws Exception {
        DatagramHandle receiver = open(StandardProtocolFamily.INET6);
        receiver.bind(new InetSocketAddress("::", 0));
        int port = ((InetSocketAddress) receiver.localAddress()).getPort();
        DatagramVector in = new DatagramVector(MANY, 1024);
        List<DatagramHandle> senders = List.of(udp(), udp(), udp());
        for (int round = 0; round < 3; round++) {
            for (DatagramHandle sender : senders) {
                sender.send(bytes("x"), loopback(port));
            }
            List<SocketAddress> from = new ArrayList<>();
            while (from.size() < 3) {
                receiver.receive(in);
                for (int i = 0; i < in.size(); i++) {
                    from.add(in.address(i));
                }
            }
            assertThat(from)
                    .containsExactly(
                            senders.get(0).localAddress(),
                            senders.get(1).localAddress(),
                            senders.get(2).localAddress());
        }
    }

    @Test
    void uncutOnesComeInOneCallThoughTheSocketCoalesces() throws Exception {
        DatagramHandle receiver = udp();
        DatagramVector in = new DatagramVector(32, 2048);
        receiver.send(bytes("x"), receiver.localAddress());
        receiver.receive(in);
        assertThat(coalesces(receiver)).isTrue();
        for (int i = 0; i < 20; i++) {
            receiver.send(bytes("x"), receiver.localAddress());
        }
        receiver.receive(in);
        assertThat(in.size()).isEqualTo(20);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1024})
    void aLargeBatchTakesAllThatIsThere(int slotSize) throws Exception {
        DatagramHandle receiver = udp();
        int count = slotSize == 1 ? 200 : 70; // more than one call takes
        DatagramVector in = new DatagramVector(count + 5, slotSize);
        receiver.send(bytes("x"), receiver.localAddress());
        receiver.receive(in);
        for (int i = 0; i < count; i++) {
            receiver.send(ByteBuffer.wrap(numbered(i, 1)), receiver.localAddress());
        }
        receiver.receive(in);
        assertThat(in.size()).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            assertThat(data(in, i)).isEqualTo(numbered(i, 1));
        }
        assertThat(coalesces(receiver)).isEqualTo(slotSize > 1);
    }

    @Test
    void whatIsLongerThanASlotIsCut() throws Exception {
        for (int slots : new int[] {4, 700}) {
            DatagramHandle receiver = udp();
            DatagramVector in = new DatagramVector(slots, 100);
            for (int i = 0; i < 2; i++) { // one by one, and then both
                receiver.send(ByteBuffer.wrap(numbered(1, 150)), receiver.localAddress());
                receiver.receive(in);
                assertThat(data(in, 0)).isEqualTo(numbered(1, 100));
                assertThat(in.fullLength(0)).isEqualTo(150);
            }
            DatagramVector out = new DatagramVector(4, 200);
            for (int i = 0; i < 4; i++) {
                add(out, numbered(i, 150), receiver.localAddress());
            }
            receiver.send(out);
            for (byte[] each : receive(receiver, in, 4)) {
                assertThat(each).hasSize(100);
            }
            assertThat(in.fullLength(0)).isEqualTo(150);
        }
    }

    // -- a peer

    @Test
    void aConnectedSocketSendsToItsPeerWhateverTheAddresses() throws Exception {
        DatagramHandle peer = udp();
        DatagramHandle other = udp();
        DatagramHandle client = udp();
        client.connect(peer.localAddress());
        for (DatagramHandle each : List.of(client, adopted(client))) {
            DatagramVector out = new DatagramVector(3, 100);
            add(out, numbered(0, 10), peer.localAddress());
            add(out, numbered(1, 10), other.localAddress());
            out.memory().put(200, numbered(2, 10));
            out.add(200, 10, 10);
            each.send(out);
            assertThat(BatchArrays.of(out).counts[0]).isEqualTo(3);
            for (int i = 0; i < 3; i++) {
                assertThat(peer.receive(100).data()).isEqualTo(numbered(i, 10));
            }
        }
    }

    @Test
    void aBatchFromAPeerGoesBackAsItIs() throws Exception {
        List<DatagramHandle> ends = new ArrayList<>();
        try (Made.Pair pair = Made.socketPair(Constants.SOCK_DGRAM)) {
            for (LinuxDescriptor end : List.of(pair.first(), pair.second())) {
                ends.add(backend.descriptors().adoptDatagram(end.duplicate()));
                opened.add(ends.getLast());
            }
        }
        DatagramVector batch = new DatagramVector(3, 100);
        ends.getFirst().send(bytes("a"));
        ends.getFirst().send(bytes("b"));
        ends.getLast().receive(batch);
        assertThat(batch.size()).isEqualTo(2);
        ends.getLast().send(batch);
        assertThat(ends.getFirst().receive(10).data()).isEqualTo(new byte[] {'a'});
        assertThat(ends.getFirst().receive(10).data()).isEqualTo(new byte[] {'b'});
        DatagramHandle server = unix("server");
        DatagramHandle client = unix("client");
        client.connect(path("server"));
        server.send(bytes("c"), path("client"));
        client.receive(batch);
        Files.delete(folder.resolve("server")); // its name is gone, and the peer is the same
        client.send(batch);
        assertThat(server.receive(10).data()).isEqualTo(new byte[] {'c'});
    }

    // -- failures

    @Test
    void aFailureInTheMiddleTellsWhere() throws Exception {
        DatagramHandle sender = udp();
        DatagramHandle receiver = udp();
        DatagramVector out = new DatagramVector(4, 65_535);
        add(out, numbered(0, 10), receiver.localAddress());
        add(out, numbered(1, 20), receiver.localAddress());
        add(out, numbered(2, 65_535), receiver.localAddress());
        add(out, numbered(3, 10), receiver.localAddress());
        assertThatThrownBy(() -> sender.send(out))
                .isInstanceOf(SocketException.class)
                .hasMessage("Message too long: the most is 65507");
        assertThat(out.position()).isEqualTo(2);
        out.position(3);
        sender.send(out);
        assertThat(receiver.receive(100).data()).isEqualTo(numbered(0, 10));
        assertThat(receiver.receive(100).data()).isEqualTo(numbered(1, 20));
        assertThat(receiver.receive(100).data()).isEqualTo(numbered(3, 10));
        out.clear();
        add(out, numbered(4, 10), receiver.localAddress());
        add(out, numbered(5, 10), path("of another family"));
        assertThatThrownBy(() -> sender.send(out)).isInstanceOf(SocketException.class);
        assertThat(out.position()).isEqualTo(1);
        assertThat(receiver.receive(100).data()).isEqualTo(numbered(4, 10));
    }

    @Test
    void anUnreachablePeerIsToldByBatchesToo() throws Exception {
        DatagramHandle gone = udp();
        SocketAddress address = gone.localAddress();
        gone.close();
        DatagramHandle client = open(StandardProtocolFamily.INET);
        client.connect(address);
        client.send(bytes("x"));
        DatagramVector in = new DatagramVector(2, 100);
        assertThatThrownBy(() -> client.receive(in)).isInstanceOf(PortUnreachableException.class);
        assertThat(in.size()).isZero();
        client.send(bytes("x"));
        in.memory().put(0, new byte[100]);
        in.add(0, 5, 5);
        assertThatThrownBy(() -> client.send(in)).isInstanceOf(PortUnreachableException.class);
        assertThat(in.position()).isZero();
    }

    /** A failure that came with datagrams is told by the call after theirs; here by whichever is next. */
    @Test
    void aFailureThatWasKeptIsToldOnce() throws Exception {
        DatagramHandle handle = udp();
        DatagramReceiver receiver = new DatagramReceiver((LinuxDatagramHandle) handle);
        receiver.failLater(new PortUnreachableException());
        receiver.awaitReadable();
        assertThatThrownBy(() -> receiver.receive(10)).isInstanceOf(PortUnreachableException.class);
        handle.send(bytes("x"), handle.localAddress());
        assertThat(receiver.receive(10).data()).hasSize(1);
    }

    @Test
    void aBatchReceiveWaitsAndAnInterruptTakesNothing() throws Exception {
        DatagramHandle receiver = udp();
        DatagramVector in = new DatagramVector(MANY, 1024);
        Running<Void> waiting = Running.<Void>start(() -> {
                    receiver.receive(in);
                    return null;
                })
                .awaitBlocked();
        waiting.interrupt();
        assertThat(waiting.failure()).isInstanceOf(InterruptedException.class);
        assertThat(in.size()).isZero();
        Running<Integer> again = Running.start(() -> {
                    receiver.receive(in);
                    return in.size();
                })
                .awaitBlocked();
        receiver.send(bytes("x"), receiver.localAddress());
        assertThat(again.value()).isEqualTo(1);
    }

    // -- UNIX

    @Test
    void unixBatchesWaitForTheirReceivers() throws Exception {
        DatagramHandle receiver = unix("receiver");
        DatagramHandle other = unix("other");
        DatagramHandle sender = unix("sender");
        int before = fill(path("receiver"));
        int beforeOther = fill(path("other"));
        int count = MANY;
        DatagramVector out = new DatagramVector(count, 1024);
        for (int i = 0; i < count; i++) {
            add(out, numbered(i, i), i % 2 == 0 ? path("receiver") : path("other"));
        }
        Running<Integer> sending = Running.start(() -> {
                    sender.send(out);
                    return out.position();
                })
                .awaitBlocked();
        for (int i = 0; i < before; i++) {
            assertThat(receiver.receive(10).data()).hasSize(4);
        }
        for (int i = 0; i < beforeOther; i++) {
            assertThat(other.receive(10).data()).hasSize(4);
        }
        for (int i = 0; i < count; i += 2) {
            assertThat(receiver.receive(count).data()).isEqualTo(numbered(i, i));
            assertThat(other.receive(count).data()).isEqualTo(numbered(i + 1, i + 1));
        }
        assertThat(sending.value()).isEqualTo(count);
    }

    @Test
    void unixBatchesTellWhoEachIsFrom() throws Exception {
        DatagramHandle receiver = unix("receiver");
        DatagramHandle other = unix("other");
        DatagramHandle unnamed = open(StandardProtocolFamily.UNIX);
        receiver.send(bytes("a"), path("receiver"));
        other.send(bytes("longer than a slot"), path("receiver"));
        unnamed.send(bytes(""), path("receiver"));
        DatagramVector in = new DatagramVector(10, 10);
        receiver.receive(in);
        assertThat(in.size()).isEqualTo(3);
        assertThat(in.address(0)).isEqualTo(path("receiver"));
        assertThat(in.address(1)).isEqualTo(path("other"));
        assertThat(in.fullLength(1)).isEqualTo(18);
        assertThat(in.length(1)).isEqualTo(10);
        assertThat(in.address(2)).isEqualTo(new UnixName(new byte[0]));
    }

    @Test
    void aBatchToNobodySaysWhereAndWhy() throws Exception {
        DatagramHandle receiver = unix("receiver");
        DatagramVector out = new DatagramVector(3, 100);
        add(out, numbered(0, 10), path("receiver"));
        add(out, numbered(1, 10), path("nobody"));
        assertThatThrownBy(() -> receiver.send(out))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(folder.resolve("nobody") + ": nobody receives there: there is no such socket file");
        assertThat(out.position()).isEqualTo(1);
        assertThat(receiver.receive(100).data()).isEqualTo(numbered(0, 10));
    }

    // -- addresses

    @Test
    void addressesAreDecodedOnce() throws Exception {
        AddressCache cache = new AddressCache();
        byte[] first = SocketAddresses.encode(loopback(1), Constants.AF_INET);
        MemorySegment memory = Arena.ofAuto().allocate(64);
        memory.asSlice(8, first.length).copyFrom(MemorySegment.ofArray(first));
        SocketAddress one = cache.decode(memory, 8, first.length);
        assertThat(one).isEqualTo(loopback(1));
        assertThat(cache.decode(memory, 8, first.length)).isSameAs(one);
        for (int port = 2; port < 10_000; port++) {
            byte[] bytes = SocketAddresses.encode(loopback(port), Constants.AF_INET);
            memory.asSlice(8, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            assertThat(cache.decode(memory, 8, bytes.length)).isEqualTo(loopback(port));
        }
    }

    @Test
    void addressesOfOtherScopesAreNotTakenForEachOther() throws Exception {
        byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
        SocketAddress one = new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal, 1), 9);
        SocketAddress two = new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal, 2), 9);
        assertThat(one).isEqualTo(two);
        DestinationCache cache = new DestinationCache();
        byte[] first = cache.encode(one, Constants.AF_INET6).bytes();
        assertThat(cache.encode(two, Constants.AF_INET6).bytes()).isNotEqualTo(first);
        assertThat(cache.encode(one, Constants.AF_INET6).bytes()).isEqualTo(first);
        byte[] six = cache.encode(loopback(9), Constants.AF_INET6).bytes();
        assertThat(cache.encode(loopback(9), Constants.AF_INET6).bytes()).isSameAs(six);
        assertThat(cache.encode(loopback(9), Constants.AF_INET).bytes()).hasSize(16);
    }
}

package io.bobbinet.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The sockets that a test of datagrams opens, closed when it ends. */
abstract class OpenedDatagrams {
    /** Large enough that the socket is told to coalesce. */
    static final int MANY = 64;

    final LinuxBackend backend = new LinuxBackend();
    final List<DatagramHandle> opened = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void close() throws IOException {
        for (DatagramHandle handle : opened) {
            handle.close();
        }
    }

    DatagramHandle open(StandardProtocolFamily family) throws IOException {
        DatagramHandle handle = backend.openDatagram(family);
        opened.add(handle);
        return handle;
    }

    DatagramHandle bound(SocketAddress local) throws IOException {
        StandardProtocolFamily family = local instanceof UnixName
                ? StandardProtocolFamily.UNIX
                : ((InetSocketAddress) local).getAddress().getAddress().length == 4
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6;
        DatagramHandle handle = open(family);
        handle.bind(local);
        return handle;
    }

    DatagramHandle udp() throws IOException {
        DatagramHandle handle = open(StandardProtocolFamily.INET);
        handle.bind(loopback(0));
        return handle;
    }

    DatagramHandle unix(String name) throws IOException {
        DatagramHandle handle = open(StandardProtocolFamily.UNIX);
        handle.bind(path(name));
        return handle;
    }

    DatagramHandle adopted(DatagramHandle handle) throws IOException {
        DatagramHandle adopted = backend.descriptors().adoptDatagram(handle.duplicate());
        opened.add(adopted);
        return adopted;
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    UnixName path(String name) {
        return UnixName.of(folder.resolve(name));
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    static int port(DatagramHandle handle) throws IOException {
        return ((InetSocketAddress) handle.localAddress()).getPort();
    }

    static String text(SystemDatagram datagram) {
        return new String(datagram.data(), UTF_8);
    }

    /** An address of this machine that holds on one interface; not every machine has one. */
    static Inet6Address linkLocal() throws SocketException {
        Optional<Inet6Address> local = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(Inet6Address.class::isInstance)
                .map(Inet6Address.class::cast)
                .filter(InetAddress::isLinkLocalAddress)
                .findFirst();
        assumeTrue(local.isPresent(), "no link-local address");
        return local.orElseThrow();
    }

    /** Sends until there is no room; gives how many went. */
    static int fill(DatagramHandle sender, UnixName to) throws Exception {
        AtomicInteger sent = new AtomicInteger();
        Running<Void> filling = Running.<Void>start(() -> {
                    while (true) {
                        sender.send(bytes("fill"), to);
                        sent.incrementAndGet();
                    }
                })
                .awaitBlocked();
        filling.interrupt();
        assertThat(filling.failure()).isInstanceOf(InterruptedException.class);
        return sent.get();
    }

    /** Fills a receiver from several sockets: the buffer of one may be full before it is. */
    int fill(UnixName to) throws Exception {
        int count = 0;
        for (int i = 0; i < 4; i++) {
            count += fill(open(StandardProtocolFamily.UNIX), to);
        }
        return count;
    }

    /** Puts a datagram into the next slot. */
    static void add(DatagramVector batch, byte[] data, SocketAddress to) {
        int offset = batch.size() * batch.slotSize();
        batch.memory().put(offset, data);
        batch.add(offset, data.length, data.length, to);
    }

    static byte[] numbered(int number, int size) {
        byte[] data = new byte[size];
        Arrays.fill(data, (byte) number);
        return data;
    }

    static byte[] data(DatagramVector batch, int index) {
        byte[] data = new byte[batch.length(index)];
        batch.memory().get(batch.offset(index), data);
        return data;
    }

    static int descriptor(DatagramHandle handle) {
        return ((LinuxHandle) handle).fd;
    }

    static boolean coalesces(DatagramHandle handle) {
        return SocketOptions.isOn(descriptor(handle), Constants.IPPROTO_UDP, Constants.UDP_GRO);
    }

    /** Receives batches until there are so many datagrams. */
    static List<byte[]> receive(DatagramHandle handle, DatagramVector batch, int count) throws Exception {
        List<byte[]> received = new ArrayList<>();
        while (received.size() < count) {
            handle.receive(batch);
            assertThat(batch.size()).isPositive();
            for (int i = 0; i < batch.size(); i++) {
                received.add(data(batch, i));
            }
        }
        assertThat(received).hasSize(count);
        return received;
    }
}

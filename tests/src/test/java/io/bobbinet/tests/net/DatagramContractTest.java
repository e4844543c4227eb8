package io.bobbinet.tests.net;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Udp;
import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.UnixName;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.DatagramTransportContract;
import io.bobbinet.testkit.MemoryDatagrams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contract of datagram transports, over all there are. */
@OnEachBackend
@DisplayName("DatagramContractTest")
@Timeout(60)
class DatagramContractTest {

    private static <A extends SocketAddress> Stream<DynamicTest> tests(DatagramTransportContract<A> contract) {
        return contract.checks().stream().map(check -> DynamicTest.dynamicTest(check.name(), check::run));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> udp() {
        return tests(DatagramTransportContract.of(() -> udpPair("127.0.0.1")));
    }

    @TestFactory
    Stream<DynamicTest> udpOverIpv6() {
        return tests(DatagramTransportContract.of(() -> udpPair("::1")));
    }

    private static StreamPair<ConnectedUdpSocket> udpPair(String host) throws IOException {
        InetSocketAddress right;
        try (var reserved = Udp.bind(host, 0)) {
            right = reserved.localAddress();
        }
        ConnectedUdpSocket left = Udp.connector(right).connect();
        return new StreamPair<>(
                left, Udp.connector(left.localAddress()).withLocalAddress(right).connect());
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> unix(@TempDir Path folder) {
        Backend backend = Backends.current();
        if (!backend.capabilities().contains(Capability.UNIX_DATAGRAM)) {
            return Stream.empty();
        }
        return tests(
                DatagramTransportContract.of(() -> unixPair(backend, folder)).withWaitingSenders());
    }

    /** Each is connected to the other, which takes two steps for each: a name can be connected to when it is bound. */
    private static StreamPair<ConnectedUnixDatagramSocket> unixPair(Backend backend, Path folder) throws IOException {
        DatagramHandle left = backend.openDatagram(StandardProtocolFamily.UNIX);
        DatagramHandle right = backend.openDatagram(StandardProtocolFamily.UNIX);
        try {
            left.bind(freeName(folder));
            right.bind(freeName(folder));
            left.connect(right.localAddress());
            right.connect(left.localAddress());
            return new StreamPair<>(socket(left), socket(right));
        } finally {
            left.close();
            right.close();
        }
    }

    private static UnixName freeName(Path folder) throws IOException {
        Path path = Files.createTempFile(folder, "s", "");
        Files.delete(path);
        return UnixName.of(path);
    }

    private static ConnectedUnixDatagramSocket socket(DatagramHandle handle) throws IOException {
        return Descriptor.adopt(handle.duplicate().release()).asConnectedUnixDatagramSocket();
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> memory() {
        return tests(
                DatagramTransportContract.of(() -> MemoryDatagrams.faultless().pair()));
    }

    @TestFactory
    Stream<DynamicTest> memoryWithWaitingSenders() {
        return tests(DatagramTransportContract.of(
                        () -> MemoryDatagrams.faultless().withWaitingSenders().pair())
                .withWaitingSenders());
    }
}

package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramBinder;
import io.bobbinet.net.UnixDatagramConnector;
import io.bobbinet.task.Backends;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The backend nio has no UNIX datagrams: everything says so at once and names who has. */
@Timeout(30)
class WithoutUnixDatagramsTest {
    @TempDir
    private Path folder;

    private static void assertNamesLinux(ThrowingRunnable<?> body) {
        assertFails(UnsupportedOperationException.class, body).hasMessageContaining("linux");
    }

    @Test
    void noUnixDatagramSocketIsMade() throws Exception {
        Path path = folder.resolve("socket");
        Backends.using("nio", () -> {
            assertNamesLinux(UnixDatagram::open);
            assertNamesLinux(() -> UnixDatagram.bind(path));
            assertNamesLinux(() -> UnixDatagram.connect(path));
            for (UnixAddress address :
                    List.of(UnixAddress.of(path), UnixAddress.ofAbstract("name"), UnixAddress.unnamed())) {
                UnixDatagramBinder binder = UnixDatagram.binder(address).withDeleteOnClose();
                assertNamesLinux(binder::bind);
                UnixDatagramConnector connector =
                        UnixDatagram.connector(UnixAddress.of(path)).withLocalAddress(address);
                assertNamesLinux(connector::connect);
            }
        });
        try (var files = Files.list(folder)) {
            assertThat(files).as("nothing is left in the folder").isEmpty();
        }
    }

    @Test
    void udpSocketsOfChannelsHaveNoDescriptorsAndStayAsTheyWere() throws Exception {
        Backends.using("nio", () -> {
            try (UdpSocket socket = Udp.bind("127.0.0.1", 0);
                    ConnectedUdpSocket connected =
                            Udp.connector(socket.localAddress()).connect()) {
                assertNamesLinux(socket::toDescriptor);
                assertNamesLinux(connected::toDescriptor);
                connected.send(bytes("still good"));
                assertThat(text(socket.receive().data())).isEqualTo("still good");
            }
        });
        assertAdoptedHasNoDescriptor(); // whichever backend is in force
    }

    private static void assertAdoptedHasNoDescriptor() throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        try (UdpSocket adopted = Udp.adopt(channel)) {
            assertNamesLinux(adopted::toDescriptor);
        }
    }
}

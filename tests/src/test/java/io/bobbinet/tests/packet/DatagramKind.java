package io.bobbinet.tests.packet;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.Backends;
import io.bobbinet.testkit.MemoryDatagrams;
import java.io.IOException;
import java.nio.file.Path;

/** What packets may be served over, one in each datagram. */
enum DatagramKind {
    /** With one peer. */
    MEMORY,
    UDP,
    UNIX;

    /**
     * Where a server and its peers meet.
     *
     * @param transport of the server
     * @param connector of the peers
     */
    record Place(DatagramTransport<?> transport, Connector<? extends ConnectedDatagramTransport<?>> connector) {}

    Place open(Path folder) throws IOException {
        return switch (this) {
            case MEMORY -> memory();
            case UDP -> udp();
            case UNIX -> unix(folder);
        };
    }

    private static Place memory() {
        var pair = MemoryDatagrams.faultless().withWaitingSenders().pair();
        return new Place(pair.left(), pair::right);
    }

    private static Place udp() throws IOException {
        UdpSocket socket = Udp.bind("127.0.0.1", 0);
        return new Place(
                socket, Udp.connector("127.0.0.1", socket.localAddress().getPort()));
    }

    /** UDP where the backend has no UNIX datagrams. */
    private static Place unix(Path folder) throws IOException {
        if (!Backends.current().capabilities().contains(Capability.UNIX_DATAGRAM)) {
            return udp();
        }
        UnixDatagramSocket socket = UnixDatagram.binder(folder.resolve("server"))
                .withDeleteOnClose()
                .bind();
        return new Place(socket, UnixDatagram.connector(folder.resolve("server")));
    }
}

package io.bobbinet.cli;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.CancelScope;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Optional;

/**
 * Sends back each datagram that comes to an endpoint.
 *
 * @param <A> the kind of address
 */
final class DatagramEcho<A extends SocketAddress> implements Closeable {
    /** UNIX senders that do not receive hold up the others for no longer. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final DatagramSockets.Bound<A> bound;
    private final ConnectionOptions connections;
    private final PacketOptions packets;

    /** Owned by the handlers, of which one runs at a time. */
    private boolean toldOfUnnamed;

    private DatagramEcho(DatagramSockets.Bound<A> bound, ConnectionOptions connections, PacketOptions packets) {
        this.packets = packets;
        this.bound = bound;
        this.connections = connections;
    }

    static DatagramEcho<?> bind(Endpoint endpoint, ConnectionOptions connections, PacketOptions packets)
            throws IOException {
        return new DatagramEcho<>(DatagramSockets.bind(endpoint), connections, packets);
    }

    Endpoint endpoint() {
        return bound.endpoint();
    }

    /** Serves until it is drained; one datagram after the other, so that none overtakes another. */
    void serve() throws IOException {
        bound.socket()
                .serve(
                        this::echo,
                        ServeOptions.defaults()
                                .withMaxConnections(1)
                                .withFailureReporter((datagram, failure) -> connections.report(failure)));
    }

    private void echo(Datagram<A> datagram) throws IOException {
        String what = datagram.data().length + " B from " + DatagramSockets.sender(datagram);
        if (datagram.peer().isEmpty()) {
            if (!toldOfUnnamed) {
                connections.tell(what + ", which cannot be answered; of others like it nothing is told");
            }
            toldOfUnnamed = true;
            return;
        }
        if (datagram.isTruncated()) {
            connections.tellOfTruncated(datagram);
            return;
        }
        connections.tell(what);
        Optional<Datagram<A>> packet = packets.passed(datagram, connections);
        if (packet.isPresent()) {
            sendBack(packet.get(), what);
        }
    }

    private void sendBack(Datagram<A> datagram, String what) throws IOException {
        try {
            boolean sent = CancelScope.moveOnAfter(PATIENCE)
                    .<IOException>run(() -> bound.socket().send(datagram.reply(datagram.data())));
            if (!sent) {
                connections.tell(what + " are not sent back: the sender has no room for them");
            }
        } catch (ConnectException | NoSuchFileException e) {
            connections.tell(what + " are not sent back: the sender is gone");
        }
    }

    void drain(Duration grace) throws IOException {
        bound.socket().drain(grace);
    }

    @Override
    public void close() throws IOException {
        bound.socket().close();
    }
}

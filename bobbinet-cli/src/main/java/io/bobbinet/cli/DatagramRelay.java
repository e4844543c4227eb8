package io.bobbinet.cli;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.Endpoint;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries datagrams from many senders to one place, and the answers back. Each sender has a socket of its own to that place,
 * whose address the answers come to; that is all that tells whom an answer is for.
 *
 * @param <A> the kind of address of the senders
 */
final class DatagramRelay<A extends SocketAddress> {
    static final int MOST_SENDERS = 1_000;

    /** The least that address translators may give UDP, RFC 4787 section 4.3, and so what peers reckon with. */
    private static final Duration QUIET = Duration.ofMinutes(2);

    private final DatagramTransport<A> senders;
    private final Target<ConnectedDatagramTransport<?>> target;
    private final ConnectionOptions connections;
    private final PacketOptions packets;
    private final int limit;
    private final Meter total;
    private final MoveOnScope receiving = CancelScope.create();

    /** Why there was no way to the other side at the last attempt; guarded by this. */
    private String toldFailure = "";

    /** By sender, the one that was quiet longest first; guarded by this. */
    private final Map<Sender, DatagramSession<A>> sessions = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * Who sends, and where to, since that is where answers have to come from.
     *
     * @param address empty for those without a name, who share a socket since they get no answers
     * @param destination the address of this machine, if it is known
     */
    private record Sender(Optional<? extends SocketAddress> address, Optional<InetAddress> destination) {}

    DatagramRelay(
            DatagramTransport<A> senders,
            Target<ConnectedDatagramTransport<?>> target,
            ConnectionOptions connections,
            PacketOptions packets,
            int limit,
            Meter total) {
        this.senders = senders;
        this.target = target;
        this.connections = connections;
        this.packets = packets;
        this.limit = limit;
        this.total = total;
    }

    /** Relays until it is stopped, and then until no more answers come. */
    void run() throws IOException {
        TaskGroup.run(group -> {
            receiving.<IOException>run(() -> {
                while (true) {
                    relay(senders.receive(DatagramSockets.LONGEST), group);
                }
            });
            all().forEach(DatagramSession::endSoon);
        });
    }

    /** Takes no more from the senders, and lets answers that are under way come. */
    void stop() {
        receiving.cancel("told to end");
    }

    private synchronized List<DatagramSession<A>> all() {
        return List.copyOf(sessions.values());
    }

    private void relay(Datagram<A> datagram, TaskGroup group) throws IOException {
        if (datagram.isTruncated()) {
            connections.tellOfTruncated(datagram);
            return;
        }
        Optional<Datagram<A>> packet = packets.passed(datagram, connections);
        if (packet.isPresent()) {
            pass(packet.get(), group);
        }
    }

    private void pass(Datagram<A> datagram, TaskGroup group) throws IOException {
        Sender sender = new Sender(datagram.peer(), datagram.destination());
        for (int attempt = 0; attempt < 2; attempt++) {
            DatagramSession<A> session = session(sender, datagram, group);
            if (session == null) {
                return;
            }
            try {
                if (session.send(datagram)) {
                    return;
                }
                forget(sender, session); // it has just become too quiet: once more, with a new one
            } catch (ConnectException e) {
                session.end("its peer is gone"); // a UNIX socket; there may be another in its place
                forget(sender, session);
            } catch (IOException e) {
                if (CancelScope.isCancellationPending()) {
                    throw e;
                }
                session.failed(e);
                return;
            }
        }
    }

    /** {@return what a sender has; null, and the failure is told, if there is no way} */
    private @Nullable DatagramSession<A> session(Sender sender, Datagram<A> first, TaskGroup group) throws IOException {
        DatagramSession<A> known = find(sender);
        if (known != null) {
            return known;
        }
        Duration quiet = connections.timeout().orElse(QUIET);
        var session = new DatagramSession<>(senders, first, target, connections, packets, total.ofOne(), quiet);
        // UDP may have to look up a name, which takes long and is done in the task.
        boolean now = !(target.endpoint() instanceof Endpoint.Udp);
        if (now && !told(session::connect)) {
            return null;
        }
        add(sender, session);
        group.fork(() -> {
            try {
                told(() -> session.run(this::reached));
            } finally {
                forget(sender, session);
            }
        });
        return session;
    }

    /** {@return whether that went well} If not, it was told. */
    private boolean told(ThrowingRunnable<IOException> attempt) throws IOException {
        try {
            attempt.run();
            return true;
        } catch (IOException e) {
            if (CancelScope.isCancellationPending()) {
                throw e;
            }
            tellOnce(e);
            return false;
        }
    }

    private synchronized void reached() {
        toldFailure = "";
    }

    /** There may be thousands of datagrams a second. */
    private synchronized void tellOnce(IOException failure) {
        String told = Complaints.describe(failure);
        if (!told.equals(toldFailure)) {
            connections.report(failure);
        }
        toldFailure = told;
    }

    private synchronized @Nullable DatagramSession<A> find(Sender sender) {
        return sessions.get(sender);
    }

    private synchronized void add(Sender sender, DatagramSession<A> session) {
        if (sessions.size() >= limit) {
            Iterator<DatagramSession<A>> quietest = sessions.values().iterator();
            quietest.next().end("another sender needs its place");
            quietest.remove();
        }
        sessions.put(sender, session);
    }

    private synchronized void forget(Sender sender, DatagramSession<A> session) {
        sessions.remove(sender, session);
    }
}

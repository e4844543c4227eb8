package io.bobbinet.cli;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a relay does for one sender: a socket of its own, and a task that connects it and carries the answers back. What comes
 * before there is a connection waits: a name may take seconds to be looked up, and other senders are not to wait for that.
 *
 * @param <A> the kind of address of the sender
 */
final class DatagramSession<A extends SocketAddress> {
    /** More than that do not wait for a connection: senders of UDP expect losses. */
    private static final int MOST_WAITING = 64;

    /** When the relay is to end, answers that are not there by then are not waited for. */
    private static final Duration LAST_ANSWERS = Duration.ofMillis(200);

    private final DatagramTransport<A> senders;
    private final Target<ConnectedDatagramTransport<?>> target;
    private final ConnectionOptions connections;
    private final PacketOptions packets;
    private final Meter meter;
    private final MoveOnScope scope = CancelScope.create();

    /** What came before there was a connection; guarded by this. */
    private final List<Datagram<A>> waiting = new ArrayList<>();

    /** Whether nothing waits any more, so that what comes overtakes nothing; guarded by this. */
    private boolean ready;

    /** Guarded by this. */
    private boolean ended;

    /** Set once, by the thread that connects. */
    private volatile @Nullable ConnectedDatagramTransport<?> socket;

    /** What the sender has sent last. */
    private volatile Datagram<A> last;

    /** How long nothing may move. */
    private volatile Duration quiet;

    /** Guarded by this. */
    private boolean failureTold;

    DatagramSession(
            DatagramTransport<A> senders,
            Datagram<A> first,
            Target<ConnectedDatagramTransport<?>> target,
            ConnectionOptions connections,
            PacketOptions packets,
            Meter meter,
            Duration quiet) {
        this.senders = senders;
        this.last = first;
        this.target = target;
        this.connections = connections;
        this.packets = packets;
        this.meter = meter;
        this.quiet = quiet;
        meter.onMove(this::moved);
        moved();
    }

    private void moved() {
        scope.moveDeadline(Deadline.after(quiet));
    }

    /**
     * Connects to the other side. To be called before {@link #run} where that needs no look-up, so that nothing has to wait.
     *
     * @throws IOException if that fails
     */
    void connect() throws IOException {
        socket = target.connect();
        sendWaiting();
    }

    /**
     * Connects if need be, and carries answers back until nothing has moved for too long.
     *
     * @throws IOException if connecting fails
     */
    void run(Runnable whenConnected) throws IOException {
        try {
            scope.<IOException>run(() -> {
                if (socket == null) {
                    connect();
                }
                whenConnected.run();
                connections.tellOf("exchange with " + DatagramSockets.sender(last), "", meter, this::carryAnswers);
            });
        } finally {
            close();
        }
    }

    private void close() throws IOException {
        synchronized (this) {
            ended = true;
        }
        if (socket != null) {
            socket().close();
        }
    }

    private ConnectedDatagramTransport<?> socket() {
        return Objects.requireNonNull(socket, "not connected");
    }

    void end(String reason) {
        scope.cancel(reason);
    }

    void endSoon() {
        quiet = LAST_ANSWERS;
        moved();
    }

    /**
     * Sends on what the sender has sent, or lets it wait for the connection.
     *
     * @return false if this has ended meanwhile; nothing was sent
     */
    boolean send(Datagram<A> datagram) throws IOException {
        synchronized (this) {
            if (ended) {
                return false;
            }
            last = datagram;
            if (!ready) {
                if (waiting.size() < MOST_WAITING) {
                    waiting.add(datagram);
                }
                return true;
            }
        }
        try {
            sendOn(datagram);
            return true;
        } catch (ClosedResourceException e) {
            return false;
        }
    }

    private void sendWaiting() throws IOException {
        for (List<Datagram<A>> some = takeWaiting(); !some.isEmpty(); some = takeWaiting()) {
            for (Datagram<A> datagram : some) {
                try {
                    sendOn(datagram);
                } catch (IOException e) {
                    failedUnlessCancelled(e);
                }
            }
        }
    }

    private synchronized List<Datagram<A>> takeWaiting() {
        List<Datagram<A>> taken = List.copyOf(waiting);
        waiting.clear();
        ready = taken.isEmpty();
        return taken;
    }

    private void sendOn(Datagram<A> datagram) throws IOException {
        try {
            socket().send(datagram.data());
        } catch (PortUnreachableException e) {
            failed(e); // an earlier one came to nobody; this has not been sent yet
            socket().send(datagram.data());
        }
        meter.received(datagram.data().length);
    }

    /** Tells of a failure to send on, once: who is not there for one datagram is not there for many. */
    synchronized void failed(IOException failure) {
        if (!failureTold) {
            connections.report(DatagramSockets.failure(target.endpoint(), failure));
        }
        failureTold = true;
    }

    private void failedUnlessCancelled(IOException failure) throws IOException {
        if (CancelScope.isCancellationPending()) {
            throw failure;
        }
        failed(failure);
    }

    private void carryAnswers() throws IOException {
        while (true) {
            Datagram<?> answer;
            try {
                answer = socket().receive(DatagramSockets.LONGEST);
            } catch (ClosedResourceException e) {
                return;
            } catch (PortUnreachableException e) {
                failed(e);
                continue;
            } catch (IOException e) {
                failedUnlessCancelled(e); // no way to the host, for instance: the next datagram is a new attempt
                return;
            }
            carryPacket(answer);
        }
    }

    private <B extends SocketAddress> void carryPacket(Datagram<B> answer) throws IOException {
        if (answer.isTruncated()) {
            connections.tellOfTruncated(answer);
            return;
        }
        Optional<Datagram<B>> packet = packets.passed(answer, connections);
        if (packet.isPresent()) {
            carry(packet.get());
        }
    }

    private void carry(Datagram<?> answer) throws IOException {
        try {
            senders.send(last.reply(answer.data()));
            meter.sent(answer.data().length);
        } catch (IOException e) {
            if (CancelScope.isCancellationPending()) {
                throw e;
            }
            connections.tell("an answer for " + DatagramSockets.sender(last) + " is lost: " + Complaints.describe(e));
        }
    }
}

package io.bobbinet.cli;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Prints what comes to a datagram socket, a line each, and sends lines of standard input to whoever was heard last.
 *
 * @param <A> the kind of address
 */
final class DatagramConsole<A extends SocketAddress> {
    private final StandardLines lines = new StandardLines();
    private final DatagramTransport<A> socket;
    private final ConnectionOptions connections;
    private final Meter total;

    /** Lines that come before have nobody to go to, and wait. */
    private final CountDownLatch heard = new CountDownLatch(1);

    /** Written by the receiver, read by the sender. */
    private volatile @Nullable Datagram<A> last;

    DatagramConsole(DatagramTransport<A> socket, ConnectionOptions connections, Meter total) {
        this.socket = socket;
        this.connections = connections;
        this.total = total;
    }

    /**
     * Goes on until the socket is closed.
     *
     * @throws TimedOutException if nothing came or went for longer than the options allow
     */
    void run() throws IOException {
        MoveOnScope scope = CancelScope.create();
        connections.timeout().ifPresent(limit -> {
            total.onMove(() -> scope.moveDeadline(Deadline.after(limit)));
            scope.moveDeadline(Deadline.after(limit));
        });
        boolean ended = scope.<IOException>run(() -> TaskGroup.run(group -> {
            group.fork(this::sendReplies);
            printAll();
            group.cancel();
        }));
        if (!ended) {
            throw new TimedOutException((last == null ? "Nobody has sent anything for " : "Nothing came or went for ")
                    + DurationConverter.format(connections.timeout().orElseThrow()));
        }
    }

    private void printAll() throws IOException {
        while (true) {
            Datagram<A> datagram;
            try {
                datagram = socket.receive(DatagramSockets.LONGEST);
            } catch (ClosedResourceException e) {
                return;
            }
            Datagram<A> before = last;
            if (before == null || !before.peer().equals(datagram.peer())) {
                connections.tell("datagrams from " + DatagramSockets.sender(datagram));
            }
            last = datagram;
            heard.countDown();
            total.received(datagram.data().length);
            lines.print(datagram);
        }
    }

    /** The end of the input ends the sending alone. */
    private void sendReplies() throws IOException, InterruptedException {
        heard.await();
        for (Optional<byte[]> line = lines.next(); line.isPresent(); line = lines.next()) {
            Datagram<A> to = last;
            if (to == null) {
                throw new IllegalStateException("Nobody was heard");
            }
            try {
                socket.send(to.reply(line.get()));
                total.sent(line.get().length);
            } catch (ClosedResourceException e) {
                return;
            } catch (IOException e) {
                if (CancelScope.isCancellationPending()) {
                    throw e;
                }
                connections.report(e); // the next may be heard again
            }
        }
    }
}

package io.bobbinet.cli;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Datagram;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Joins a connected datagram socket to standard input and output: a line is a datagram. */
final class DatagramJoin {
    private final StandardLines lines;
    private final ConnectedDatagramTransport<?> socket;
    private final Meter meter;

    /** For how long nothing may move while there is input. */
    private final Optional<Duration> timeout;

    /** For how long answers are waited for after the end of the input, from the last one on. */
    private final Duration wait;

    private final MoveOnScope scope = CancelScope.create();
    private volatile boolean inputEnded;

    DatagramJoin(
            ConnectedDatagramTransport<?> socket,
            StandardLines lines,
            Meter meter,
            Optional<Duration> timeout,
            Duration wait) {
        this.lines = lines;
        this.socket = socket;
        this.meter = meter;
        this.timeout = timeout;
        this.wait = wait;
    }

    /**
     * Sends each line and prints each datagram, until the input has ended and no answer has come for a while.
     *
     * @throws TimedOutException if nothing moved for too long before
     */
    void run() throws IOException {
        meter.onMove(this::beginWait);
        beginWait();
        boolean isCut = !scope.<IOException>run(() -> TaskGroup.run(group -> {
            group.fork(this::printAll);
            sendAll();
            inputEnded = true;
            beginWait();
        }));
        if (isCut && !inputEnded) {
            throw new TimedOutException(
                    "Nothing was sent or received for " + DurationConverter.format(timeout.orElseThrow()));
        }
    }

    private void beginWait() {
        Optional<Duration> limit = inputEnded ? Optional.of(wait) : timeout;
        limit.ifPresent(duration -> scope.moveDeadline(Deadline.after(duration)));
    }

    private void sendAll() throws IOException {
        for (Optional<byte[]> line = lines.nextDatagram(); line.isPresent(); line = lines.nextDatagram()) {
            socket.send(line.get());
            meter.sent(line.get().length);
        }
    }

    private void printAll() throws IOException {
        while (true) {
            Datagram<?> datagram = socket.receive(DatagramSockets.LONGEST);
            meter.received(datagram.data().length);
            lines.print(datagram);
        }
    }
}

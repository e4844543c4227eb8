package io.bobbinet.cli;

import io.bobbinet.net.Datagram;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The options of all commands that have connections, and a connection under these options. */
final class ConnectionOptions {

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Give up when nothing happens for that long: no connection, no byte on it, no datagram;"
                    + " 500ms, 5s, 2m.")
    private Optional<Duration> timeout = Optional.empty();

    @Option(names = "--verbose", description = "Tell on standard error of each connection, or of who sends datagrams.")
    private boolean verbose;

    Optional<Duration> timeout() {
        return timeout;
    }

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
    Main main;

    /** Says something on standard error if it is wanted. */
    void tell(String message) {
        if (verbose) {
            Complaints.say(message);
        }
    }

    /** Tells of a datagram that is longer than any should be, and is not sent on. */
    void tellOfTruncated(Datagram<?> datagram) {
        Complaints.say("a datagram of more than " + datagram.data().length + " B from "
                + DatagramSockets.sender(datagram) + " is lost: it is too long");
    }

    /** Tells of what came and is no packet, or none that can be sent on. */
    void tellOfMalformed(String sender, Exception failure) {
        tell("a malformed packet from " + sender + " is dropped: " + Complaints.describe(failure));
    }

    /** Tells of a connection that failed, on a server that goes on. */
    void report(Throwable failure) {
        // Clients that go without a word, or say nothing, are every server's daily bread.
        if (verbose || !(failure instanceof BrokenResourceException || failure instanceof TimedOutException)) {
            Complaints.say(failure instanceof SSLException e ? TlsFailures.ofClient(e) : Complaints.describe(failure));
            if (main.isDebugged()) {
                failure.printStackTrace();
            }
        }
    }

    /**
     * Uses a connection: counts its bytes, gives up when it idles for too long, and tells of its beginning and end.
     *
     * @throws TimedOutException if it idled for too long
     */
    void use(ByteStream connection, Meter total, ThrowingConsumer<ByteStream, IOException> body) throws IOException {
        useCounting(connection, total, meter -> body.accept(new MeteredStream(connection, meter)));
    }

    /** Uses a connection in the same way, with a body that counts its bytes itself. */
    void useCounting(ByteStream connection, Meter total, ThrowingConsumer<Meter, IOException> body) throws IOException {
        if (connection instanceof TlsStream secure) {
            secure.handshake(); // has a limit of its own, and nobody is to hear of a connection before it
        }
        String peer = "connection with " + StreamSockets.peerName(connection);
        Meter meter = total.ofOne();
        tellOf(peer, StreamSockets.agreement(connection), meter, () -> limited(peer, meter, body));
    }

    private void limited(String peer, Meter meter, ThrowingConsumer<Meter, IOException> body) throws IOException {
        if (timeout.isEmpty()) {
            body.accept(meter);
            return;
        }
        Duration limit = timeout.get();
        MoveOnScope scope = CancelScope.moveOnAfter(limit);
        meter.onMove(() -> scope.moveDeadline(Deadline.after(limit)));
        if (!scope.<IOException>run(() -> body.accept(meter))) {
            throw new TimedOutException(peer + " was idle for " + DurationConverter.format(limit));
        }
    }

    /** Tells of the beginning and end of a connection, or of what is none but is told of alike. */
    void tellOf(String peer, String agreement, Meter meter, ThrowingRunnable<IOException> body) throws IOException {
        long start = System.nanoTime();
        tell(peer + " begins" + agreement);
        try {
            body.run();
        } finally {
            long millis = (System.nanoTime() - start) / 1_000_000;
            tell(peer + " ends after " + millis + " ms: " + meter.summary());
        }
    }
}

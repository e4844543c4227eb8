package io.bobbinet.cli;

import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.tls.TlsStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bobbinet listen}. */
@Command(
        name = "listen",
        description = {
            "Accepts one connection, and joins it to standard input and output.",
            "Prints datagrams, a line each, until SIGTERM or SIGINT; lines of standard input go to the last sender.",
            "Since standard output carries what comes, 'listening URI' goes to standard error."
        })
final class ListenCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "URI",
            converter = EndpointConverter.class,
            description = "Where to listen: " + EndpointConverter.FORMS + ".")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or complains
    private Endpoint endpoint;

    @Option(
            names = "--keep",
            description = "Accept many connections, one after the other, until SIGTERM or SIGINT. Datagrams are taken"
                    + " from everybody anyway.")
    private boolean keep;

    @Mixin
    private ConnectionOptions connections = new ConnectionOptions();

    @Mixin
    private Progress progress = new Progress();

    @Mixin
    private TlsSettings tls = new TlsSettings.OfServer();

    private final Meter total = Meter.ofAll();
    private final StandardJoin join = new StandardJoin();

    @Override
    public Integer call() throws IOException {
        tls.check(List.of(endpoint));
        if (DatagramSockets.isDatagram(endpoint)) {
            converse(DatagramSockets.bind(endpoint));
            return 0;
        }
        Server.Bound<ByteStream> bound =
                StreamSockets.listen(endpoint, tls.forServer(List.of(endpoint), connections.timeout()));
        try (Listener<? extends ByteStream> listener = bound.listener()) {
            MoveOnScope untilStopped = CancelScope.create();
            ShutdownHook.install(grace -> stop(listener, untilStopped, grace));
            System.err.println("listening " + bound.endpoint());
            untilStopped.run(() -> progress.during(total, () -> serve(listener)));
        }
        return 0;
    }

    private <A extends SocketAddress> void converse(DatagramSockets.Bound<A> bound) throws IOException {
        try (DatagramTransport<A> socket = bound.socket()) {
            MoveOnScope untilStopped = CancelScope.create();
            ShutdownHook.install(grace -> stop(socket, untilStopped, grace));
            System.err.println("listening " + bound.endpoint());
            var console = new DatagramConsole<>(socket, connections, total);
            untilStopped.run(() -> progress.during(total, console::run));
        }
    }

    private static void stop(Closeable listener, MoveOnScope untilStopped, Duration grace) {
        untilStopped.moveDeadline(Deadline.after(grace));
        try {
            listener.close();
        } catch (IOException e) {
            Complaints.say(Complaints.describe(e));
        }
    }

    private void serve(Listener<? extends ByteStream> listener) throws IOException {
        if (keep) {
            listener.forEach(this::serveAndGoOn);
            return;
        }
        ByteStream client;
        try {
            client = acceptReady(listener);
        } catch (ClosedResourceException e) {
            return; // told to stop before anybody came
        }
        try (client) {
            // One was asked for: the next is refused rather than left waiting.
            listener.close();
            connections.use(client, total, join::join);
        }
    }

    private ByteStream accept(Listener<? extends ByteStream> listener) throws IOException {
        if (connections.timeout().isEmpty()) {
            return listener.accept();
        }
        Duration limit = connections.timeout().get();
        return CancelScope.moveOnAfter(limit)
                .<ByteStream, IOException>call(listener::accept)
                .orElseThrow(
                        () -> new TimedOutException("Nobody has connected within " + DurationConverter.format(limit)));
    }

    private ByteStream acceptReady(Listener<? extends ByteStream> listener) throws IOException {
        while (true) {
            ByteStream client = accept(listener);
            if (isReady(client)) {
                return client;
            }
        }
    }

    /** {@return whether it can be used} A failed handshake is the client's failure, and is told. */
    private boolean isReady(ByteStream client) throws IOException {
        if (!(client instanceof TlsStream secure)) {
            return true;
        }
        boolean ready = false;
        try {
            secure.handshake();
            ready = true;
        } catch (IOException e) {
            if (CancelScope.isCancellationPending()) {
                throw e;
            }
            connections.report(e);
        } finally {
            if (!ready) {
                StreamSockets.spoil(secure);
            }
        }
        return ready;
    }

    private void serveAndGoOn(ByteStream client) {
        try (client) {
            connections.use(client, total, join::join);
        } catch (IOException e) {
            connections.report(e);
        }
    }
}

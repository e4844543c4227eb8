package io.bobbinet.examples.packets;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.task.TimedOutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;

/** Connects to a UNIX socket within a time. */
public final class AsyncConnectingInTime {
    private static final StreamProtocol<Data, Data> PROTOCOL = StreamProtocol.of(Json.lines(Data.class));

    private AsyncConnectingInTime() {}

    /** By the JDK's own means, which cancel the attempt. */
    public static CompletableFuture<String> connect(Path path, Duration limit) {
        // @start region="connect-timeout"
        var client = AsyncPacketClient.of(Unix.connector(path), PROTOCOL);
        return told(client, client.connect().orTimeout(limit.toMillis(), MILLISECONDS));
        // @end region="connect-timeout"
    }

    /** By the connector's limit, with an executor for all that follows: an event loop, a user interface. */
    public static CompletableFuture<String> connect(Path path, Duration limit, Executor executor) {
        // @start region="executor"
        var connector = Unix.connector(path).withConnectTimeout(limit);
        var client = AsyncPacketClient.of(connector, PROTOCOL, executor);
        return told(client, client.connect());
        // @end region="executor"
    }

    private static CompletableFuture<String> told(AsyncPacketClient<?, ?> client, CompletableFuture<Void> connected) {
        return connected
                .thenApply(_ -> "Remote address: " + client.peerAddress())
                .exceptionally(e -> switch (e.getCause()) {
                    case TimeoutException _, TimedOutException _ -> "Could not connect in time";
                    case null, default -> "Could not connect: " + e;
                })
                .thenCompose(told -> client.closeAsync().thenApply(_ -> told));
    }
}

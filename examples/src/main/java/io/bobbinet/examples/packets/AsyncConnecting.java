package io.bobbinet.examples.packets;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.StreamProtocol;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** Connects to a UNIX socket without waiting for it. */
public final class AsyncConnecting {
    private AsyncConnecting() {}

    /** Runs the program. */
    public static void main(String[] args) {
        System.out.println(connect(Path.of("/var/run/app/app.sock")).join());
    }

    /** {@return where the server is, as the connected client tells} */
    public static CompletableFuture<String> connect(Path path) {
        // @start region="connect"
        var protocol = StreamProtocol.of(Json.lines(Data.class));
        var client = AsyncPacketClient.of(Unix.connector(path), protocol); // which does nothing yet
        return client.connect()
                .thenApply(_ -> "Remote address: " + client.peerAddress())
                .thenCompose(told -> client.closeAsync().thenApply(_ -> told));
        // @end region="connect"
    }
}

package io.bobbinet.examples.packets;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.StreamProtocol;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** Receives at most 1,024 bytes at once. */
public final class AsyncReceiveSize {
    private AsyncReceiveSize() {}

    /** {@return the next packet of a server, of which little is received ahead} */
    public static CompletableFuture<String> receive(Path path) {
        // @start region="receive-size"
        var protocol = StreamProtocol.of(Json.lines(Data.class)).withReceiveSize(1024);
        var client = AsyncPacketClient.of(Unix.connector(path), protocol);
        return client.receive() // connects first
                .thenApply(packet -> "Received packet: " + packet)
                .thenCompose(told -> client.closeAsync().thenApply(_ -> told));
        // @end region="receive-size"
    }
}

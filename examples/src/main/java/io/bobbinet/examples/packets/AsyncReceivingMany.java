package io.bobbinet.examples.packets;

import io.bobbinet.async.AsyncPacketClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Receives several packets at once, without waiting for them. */
public final class AsyncReceivingMany {
    private AsyncReceivingMany() {}

    /** Receives all that has come. */
    public static CompletableFuture<String> receive(AsyncPacketClient<?, Data> client) {
        // @start region="receive-available"
        return client.available().thenApply(arrived -> "Received packets: " + arrived.packets());
        // @end region="receive-available"
    }

    /** Receives all that comes within a time, and tells why it is no more. */
    public static CompletableFuture<String> receive(AsyncPacketClient<?, Data> client, Duration budget) {
        // @start region="receive-budget"
        return client.available(budget)
                .thenApply(arrived -> "Received packets: " + arrived.packets() + ", then " + arrived.end());
        // @end region="receive-budget"
    }
}

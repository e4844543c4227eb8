package io.bobbinet.examples.packets;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.task.TimedOutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/** Receives packets without waiting for them. */
public final class AsyncReceiving {
    private AsyncReceiving() {}

    /** Receives the next packet; what has come behind it is kept. */
    public static CompletableFuture<String> receive(AsyncPacketClient<?, Data> client) {
        // @start region="receive"
        return client.receive().thenApply(packet -> "Received packet: " + packet);
        // @end region="receive"
    }

    /** Receives the next packet, or what is none, within a time. */
    public static CompletableFuture<String> receiveInTime(AsyncPacketClient<?, Data> client, Duration limit) {
        return told(client.receive(limit));
    }

    /** Receives the next packet within a time that the JDK takes, and cancels the receive: nothing is lost. */
    public static CompletableFuture<String> receiveOrTimeout(AsyncPacketClient<?, Data> client, Duration limit) {
        return told(client.receive().orTimeout(limit.toMillis(), MILLISECONDS));
    }

    private static CompletableFuture<String> told(CompletableFuture<Data> received) {
        // @start region="receive-malformed"
        return received.handle((packet, failure) -> switch (failure) {
            case null -> "Received packet: " + packet;
            case MalformedPacketException _ -> "Received something invalid"; // next comes what is behind it
            case TimedOutException _, TimeoutException _ -> "Timed out";
            default -> throw new CompletionException(failure);
        });
        // @end region="receive-malformed"
    }
}

package io.bobbinet.examples.packets;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.StreamProtocol;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;

/** Makes an asynchronous client of a socket that somebody else has connected. */
public final class AsyncAdoptedSocket {
    private AsyncAdoptedSocket() {}

    /** {@return where the server is, as the client tells} */
    public static CompletableFuture<String> adopt(SocketChannel channel) throws IOException {
        // @start region="adopt"
        var protocol = StreamProtocol.of(Json.lines(Data.class));
        var client = AsyncPacketClient.over(Unix.adopt(channel), protocol); // connected from the beginning
        var told = "Remote address: " + client.peerAddress();
        return client.closeAsync().thenApply(_ -> told);
        // @end region="adopt"
    }
}

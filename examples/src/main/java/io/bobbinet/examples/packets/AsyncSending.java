package io.bobbinet.examples.packets;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Sends packets without waiting for it. They go out in the order of the calls. */
public final class AsyncSending {
    private AsyncSending() {}

    /** Sends a packet. */
    public static CompletableFuture<Void> send(AsyncPacketClient<Data, ?> client) {
        // @start region="send"
        return client.send(new Data(42));
        // @end region="send"
    }

    /** Sends a packet and an open file with it, which stays open here until that is done. */
    public static CompletableFuture<Void> sendWithFile(AsyncPacketClient<Data, ?> client, Path path)
            throws IOException {
        // @start region="send-descriptors"
        var file = Descriptor.open(path);
        return client.sendMessage(new Data(42), new ControlMessage.Rights(List.of(file)))
                .whenComplete((_, _) -> close(file));
        // @end region="send-descriptors"
    }

    private static void close(Descriptor file) {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says, behind all that is to be sent, that there will be nothing else; receiving goes on. */
    public static CompletableFuture<Void> end(AsyncPacketClient<?, ?> client) {
        // @start region="send-eof"
        return client.sendEof();
        // @end region="send-eof"
    }
}

package io.bobbinet.examples.packets;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.packet.PacketClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Sends packets. */
public final class Sending {
    private Sending() {}

    /** Sends a packet. */
    public static void send(PacketClient<Data, ?> client) throws IOException {
        // @start region="send"
        client.send(new Data(42));
        // @end region="send"
    }

    /** Sends a packet and an open file with it. */
    public static void sendWithFile(PacketClient<Data, ?> client, Path path) throws IOException {
        // @start region="send-descriptors"
        try (var file = Descriptor.open(path)) {
            client.sendMessage(new Data(42), new ControlMessage.Rights(List.of(file))); // the peer gets its own
        }
        // @end region="send-descriptors"
    }

    /** Says that nothing else will be sent; receiving goes on. */
    public static void end(PacketClient<?, ?> client) throws IOException {
        // @start region="send-eof"
        client.sendEof();
        // @end region="send-eof"
    }
}

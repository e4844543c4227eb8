package io.bobbinet.examples.packets;

import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import java.io.IOException;
import java.nio.file.Path;

/** Receives at most 1,024 bytes at once. */
public final class ReceiveSize {
    private ReceiveSize() {}

    /** {@return the next packet of a server, of which little is received ahead} */
    public static String receive(Path path) throws IOException {
        // @start region="receive-size"
        var protocol = StreamProtocol.of(Json.lines(Data.class)).withReceiveSize(1024);
        try (var client = PacketClient.connect(Unix.connector(path), protocol)) {
            return "Received packet: " + client.receive();
        }
        // @end region="receive-size"
    }
}

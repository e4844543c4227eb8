package io.bobbinet.examples.packets;

import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import java.io.IOException;
import java.nio.file.Path;

/** Connects to a UNIX socket, to send and receive lines of JSON. */
public final class Connecting {
    private Connecting() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        System.out.println(connect(Path.of("/var/run/app/app.sock")));
    }

    /** {@return where the server is, as the connected client tells} */
    public static String connect(Path path) throws IOException {
        // @start region="connect"
        var protocol = StreamProtocol.of(Json.lines(Data.class));
        try (var client = PacketClient.connect(Unix.connector(path), protocol)) {
            return "Remote address: " + client.peerAddress();
        }
        // @end region="connect"
    }
}

package io.bobbinet.examples.packets;

import static java.time.Duration.ofSeconds;

import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.task.TimedOutException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Connects to a UNIX socket within a time, also where the server has no room for another client. */
public final class ConnectingInTime {
    private ConnectingInTime() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        System.out.println(connect(Path.of("/var/run/app/app.sock"), ofSeconds(30)));
    }

    /** {@return what came of it} */
    public static String connect(Path path, Duration limit) throws IOException {
        // @start region="connect-timeout"
        var protocol = StreamProtocol.of(Json.lines(Data.class));
        var connector = Unix.connector(path).withConnectTimeout(limit);
        try (var client = PacketClient.connect(connector, protocol)) {
            return "Remote address: " + client.peerAddress();
        } catch (TimedOutException e) {
            return "Could not connect in time";
        }
        // @end region="connect-timeout"
    }
}

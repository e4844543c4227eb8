package io.bobbinet.examples.packets;

import io.bobbinet.jackson.Json;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Makes a client of a socket that somebody else has connected. */
public final class AdoptedSocket {
    private AdoptedSocket() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        System.out.println(adopt(obtainConnectedSocket(Path.of("/var/run/app/app.sock"))));
    }

    /** {@return a channel of the JDK} */
    public static SocketChannel obtainConnectedSocket(Path path) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    /** {@return where the server is, as the client tells} */
    public static String adopt(SocketChannel channel) throws IOException {
        // @start region="adopt"
        var protocol = StreamProtocol.of(Json.lines(Data.class));
        try (var client = PacketClient.over(Unix.adopt(channel), protocol)) { // closes the channel, too
            return "Remote address: " + client.peerAddress();
        }
        // @end region="adopt"
    }
}

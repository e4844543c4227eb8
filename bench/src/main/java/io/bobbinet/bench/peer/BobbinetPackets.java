package io.bobbinet.bench.peer;

import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.packet.StreamProtocol;
import java.io.IOException;

/** Ours, as a user would write it, on the backend in force. */
final class BobbinetPackets {
    private BobbinetPackets() {}

    public static void main(String[] arguments) throws IOException {
        var listener = Unix.listen(Order.socket(arguments[0]));
        try (var server = PacketServer.over(listener, StreamProtocol.of(Order.CODEC))) {
            Peer.serving(0);
            server.serve(client -> client.forEach(client::send));
        }
    }
}

package io.bobbinet.examples.packets;

import io.bobbinet.packet.PacketClient;
import java.io.IOException;
import java.net.StandardSocketOptions;

/** What a client tells of its socket, and lets be done with it. */
public final class SocketBelow {
    private SocketBelow() {}

    /** {@return who the peer is} */
    public static String credentials(PacketClient<?, ?> client) throws IOException {
        // @start region="credentials"
        var peer = client.peerCredentials();
        return "pid=" + peer.pid() + ", user=" + peer.uid() + ", group=" + peer.gid();
        // @end region="credentials"
    }

    /** {@return whether there are probes now} */
    public static boolean withoutProbes(PacketClient<?, ?> client) throws IOException {
        // @start region="options"
        client.socket().setOption(StandardSocketOptions.SO_KEEPALIVE, false);
        return client.socket().option(StandardSocketOptions.SO_KEEPALIVE);
        // @end region="options"
    }
}

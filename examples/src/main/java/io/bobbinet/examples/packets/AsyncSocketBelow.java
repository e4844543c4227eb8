package io.bobbinet.examples.packets;

import io.bobbinet.async.AsyncPacketClient;
import java.io.IOException;
import java.net.StandardSocketOptions;

/** What a client tells of its socket, and lets be done with it, once it is connected: these do not wait. */
public final class AsyncSocketBelow {
    private AsyncSocketBelow() {}

    /**
     * {@return who the peer is}
     *
     * @throws java.nio.channels.NotYetConnectedException before the client is connected
     */
    public static String credentials(AsyncPacketClient<?, ?> client) throws IOException {
        // @start region="credentials"
        var peer = client.peerCredentials();
        return "pid=" + peer.pid() + ", user=" + peer.uid() + ", group=" + peer.gid();
        // @end region="credentials"
    }

    /**
     * {@return whether there are probes now}
     *
     * @throws java.nio.channels.NotYetConnectedException before the client is connected
     */
    public static boolean withoutProbes(AsyncPacketClient<?, ?> client) throws IOException {
        // @start region="options"
        client.socket().setOption(StandardSocketOptions.SO_KEEPALIVE, false);
        return client.socket().option(StandardSocketOptions.SO_KEEPALIVE);
        // @end region="options"
    }
}

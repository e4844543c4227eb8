package io.bobbinet.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A {@link DatagramTransport} with one peer: what is sent goes there, and nothing is received from elsewhere. Users may
 * implement it.
 *
 * <p>Nobody answers a connect of datagram sockets: that the peer is not there shows later, or never.
 *
 * @param <A> the kind of address: {@link java.net.InetSocketAddress} or {@link UnixAddress}
 */
public interface ConnectedDatagramTransport<A extends SocketAddress> extends DatagramTransport<A> {

    /**
     * {@return the address of the peer} As it was when the transport was made; known after the close.
     */
    A peerAddress();

    /**
     * Sends a datagram to the peer, waiting for room if need be.
     *
     * @param data the bytes, which may be none
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    default void send(byte[] data) throws IOException {
        send(ByteBuffer.wrap(data));
    }

    /**
     * Sends a datagram to the peer, waiting for room if need be.
     *
     * @param data the bytes, which may be none; none remain when this returns, and all if it throws
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    void send(ByteBuffer data) throws IOException;
}

package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A UDP socket with one peer. Made by {@link Udp#connect} and {@link UdpConnector}.
 *
 * {@snippet file="UdpExamples.java" region="connect"}
 *
 * <p>What {@link ConnectedDatagramTransport} promises holds here. When the peer's machine tells that nobody has the port (ICMP,
 * RFC 1122 section 4.1.3.3), the next send or receive throws {@link java.net.PortUnreachableException}, once, and has sent or
 * taken nothing; the one after that works as if nothing had been, so a peer may come back.
 */
public final class ConnectedUdpSocket extends HandleDatagrams<InetSocketAddress>
        implements ConnectedDatagramTransport<InetSocketAddress> {
    private final InetSocketAddress peer;

    ConnectedUdpSocket(DatagramHandle handle, InetSocketAddress local, InetSocketAddress peer) {
        super(handle, local);
        this.peer = peer;
    }

    static ConnectedUdpSocket over(DatagramHandle handle) throws IOException {
        return new ConnectedUdpSocket(
                handle, (InetSocketAddress) handle.localAddress(), (InetSocketAddress) handle.remoteAddress());
    }

    @Override
    public InetSocketAddress peerAddress() {
        return peer;
    }

    @Override
    Optional<InetSocketAddress> peer() {
        return Optional.of(peer);
    }

    @Override
    Optional<InetSocketAddress> sender(SocketAddress address) {
        // What came before others connected a socket that was taken over may be from anybody.
        return address.equals(peer) ? peer() : Optional.of((InetSocketAddress) address);
    }

    @Override
    public void send(ByteBuffer data) throws IOException {
        transmit(data, null, null);
        data.position(data.limit());
    }

    @Override
    public void send(Datagram<InetSocketAddress> datagram) throws IOException {
        checkPeer(datagram.peer());
        transmit(ByteBuffer.wrap(datagram.data()), null, null);
    }

    @Override
    void checkPeer(DatagramBatch<InetSocketAddress> batch, int index) {
        if (batch.hasPeer(index)) {
            checkPeer(Optional.of(batch.peer(index)));
        }
    }
}

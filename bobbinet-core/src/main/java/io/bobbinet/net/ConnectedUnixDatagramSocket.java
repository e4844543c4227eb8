package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A UNIX datagram socket with one peer, unix(7). Linux only. Made by {@link UnixDatagram#connect} and
 * {@link UnixDatagramConnector}.
 *
 * {@snippet file="UnixDatagramExamples.java" region="connect"}
 *
 * <p>What {@link ConnectedDatagramTransport} promises holds here, and more: nothing is lost or overtaken on the way, and a send
 * to a peer that has as many datagrams waiting as it may waits for it. Only a socket with a name can get answers; see
 * {@link UnixDatagramConnector#withLocalAddress}.
 *
 * <p>When the peer is closed, sends throw {@link java.net.ConnectException}, and a receive waits on. A new socket in its place
 * is another peer: connect again. The first of these sends ends the connection for the system, which then throws away what the
 * peer had sent and was not received yet, and lets anybody send to this socket's name. So receive first what is to be received,
 * and close the socket when a send has failed so.
 */
public final class ConnectedUnixDatagramSocket extends UnixHandleDatagrams
        implements ConnectedDatagramTransport<UnixAddress> {
    private final UnixAddress peer;

    ConnectedUnixDatagramSocket(UnixPlace.Bound<DatagramHandle> bound, UnixAddress peer) {
        super(bound);
        this.peer = peer;
    }

    /** Makes a socket of one that others have made. */
    static ConnectedUnixDatagramSocket over(DatagramHandle handle) {
        return new ConnectedUnixDatagramSocket(
                UnixHandleDatagrams.madeByOthers(handle), UnixHandleStream.address(handle::remoteAddress));
    }

    @Override
    public UnixAddress peerAddress() {
        return peer;
    }

    @Override
    Optional<UnixAddress> peer() {
        return Optional.of(peer);
    }

    @Override
    public void send(ByteBuffer data) throws IOException {
        transmit(data, null, null);
        data.position(data.limit());
    }

    @Override
    public void send(Datagram<UnixAddress> datagram) throws IOException {
        checkPeer(datagram.peer());
        send(ByteBuffer.wrap(datagram.data()));
    }

    /**
     * Sends a datagram with open descriptors beside it. The peer gets descriptors of its own for the same files and sockets,
     * even if those given here are closed right after the call.
     *
     * @param data the bytes, which may be none
     * @param descriptors what travels with them; it stays the caller's, and open
     * @throws IllegalArgumentException if there are more than 253 descriptors, or one is closed
     * @throws java.net.SocketException if the system refuses the descriptors, such as when too many are under way; nothing was
     *     sent
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    public void sendMessage(byte[] data, List<Descriptor> descriptors) throws IOException {
        transmitBeside(
                ByteBuffer.wrap(data), Optional.empty(), ControlMessages.of(List.copyOf(descriptors), List.of()));
    }

    /**
     * Sends a datagram with control messages beside it, as {@link #sendMessage(byte[], List)} does.
     *
     * @param data the bytes, which may be none; none remain when this returns, and all if it throws
     * @param beside what travels with them; descriptors stay the caller's. Several of one kind count as one; of a process
     *     number 0 this process's is made
     * @throws IllegalArgumentException if there are more than 253 descriptors, one is closed, or there are more than one
     *     credentials
     * @throws java.net.SocketException if the system refuses what is to go beside the bytes, such as the credentials of others;
     *     nothing was sent
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    public void sendMessage(ByteBuffer data, ControlMessage... beside) throws IOException {
        transmitBeside(data, Optional.empty(), ControlMessages.of(beside));
        data.position(data.limit());
    }

    @Override
    void checkPeer(DatagramBatch<UnixAddress> batch, int index) {
        if (batch.hasPeer(index)) {
            checkPeer(Optional.of(batch.peer(index)));
        }
    }
}

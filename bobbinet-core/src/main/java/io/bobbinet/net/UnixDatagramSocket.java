package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.stream.ClosedResourceException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A UNIX datagram socket, unix(7), that sends to anybody and receives from everybody who may write to its socket file. Linux
 * only. Made by {@link UnixDatagram}.
 *
 * {@snippet file="UnixDatagramExamples.java" region="serve"}
 *
 * <p>What {@link DatagramTransport} promises holds here, and more: nothing is lost or overtaken on the way. A send to a socket
 * that has as many datagrams waiting as it may waits for it, and holds up no other send.
 *
 * <p>Whoever has no name can send and cannot be answered: {@link Datagram#peer()} is empty then.
 */
public final class UnixDatagramSocket extends UnixHandleDatagrams {
    UnixDatagramSocket(UnixPlace.Bound<DatagramHandle> bound) {
        super(bound);
    }

    /** Makes a socket of one that others have made. */
    static UnixDatagramSocket over(DatagramHandle handle) {
        return new UnixDatagramSocket(UnixHandleDatagrams.madeByOthers(handle));
    }

    @Override
    public void send(Datagram<UnixAddress> datagram) throws IOException {
        UnixAddress to = datagram.peer().orElseThrow(UnixDatagramSocket::nobody);
        send(datagram.data(), to);
    }

    private static SocketException nobody() {
        return new SocketException("The sender has no name, so nothing can be sent to it; it has to bind its socket to"
                + " one to get answers");
    }

    /**
     * Sends a datagram, waiting for room if need be.
     *
     * @param data the bytes, which may be none
     * @param to where it is to go
     * @throws IllegalArgumentException if the address is unnamed
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    public void send(byte[] data, UnixAddress to) throws IOException {
        transmit(ByteBuffer.wrap(data), checkNamed(to).name(), null);
    }

    /**
     * Sends a datagram to the socket at a path, waiting for room if need be.
     *
     * @param data the bytes, which may be none
     * @param to the path
     * @throws IllegalArgumentException if the path is empty or too long for a socket address
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    public void send(byte[] data, Path to) throws IOException {
        send(data, UnixAddress.of(to));
    }

    /**
     * Sends a datagram with open descriptors beside it. The receiver gets descriptors of its own for the same files and
     * sockets, even if those given here are closed right after the call.
     *
     * @param data the bytes, which may be none
     * @param descriptors what travels with them; it stays the caller's, and open
     * @param to where it is to go
     * @throws IllegalArgumentException if the address is unnamed, there are more than 253 descriptors, or one is closed
     * @throws SocketException if the system refuses the descriptors, such as when too many are under way; nothing was sent
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    public void sendMessage(byte[] data, List<Descriptor> descriptors, UnixAddress to) throws IOException {
        checkNamed(to);
        transmitBeside(ByteBuffer.wrap(data), Optional.of(to), ControlMessages.of(List.copyOf(descriptors), List.of()));
    }

    /**
     * Sends a datagram with control messages beside it, as {@link #sendMessage(byte[], List, UnixAddress)} does.
     *
     * @param data the bytes, which may be none; none remain when this returns, and all if it throws
     * @param to where it is to go
     * @param beside what travels with them; descriptors stay the caller's. Several of one kind count as one; of a process
     *     number 0 this process's is made
     * @throws IllegalArgumentException if the address is unnamed, there are more than 253 descriptors, one is closed, or there
     *     are more than one credentials
     * @throws SocketException if the system refuses what is to go beside the bytes, such as the credentials of others; nothing
     *     was sent
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    public void sendMessage(ByteBuffer data, UnixAddress to, ControlMessage... beside) throws IOException {
        checkNamed(to);
        transmitBeside(data, Optional.of(to), ControlMessages.of(beside));
        data.position(data.limit());
    }

    /** One without a peer is found when its turn comes: those before it go out. */
    @Override
    void checkPeer(DatagramBatch<UnixAddress> batch, int index) {}

    @Override
    IOException sendFailed(IOException e, DatagramBatch<UnixAddress> batch) {
        IOException failure = super.sendFailed(e, batch);
        boolean nobody = !batch.hasPeer(batch.position()) && !(failure instanceof ClosedResourceException);
        return nobody ? nobody() : failure;
    }
}

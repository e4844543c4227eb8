package io.bobbinet.spi;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A datagram socket, UDP or UNIX. Any number of threads may send at once; one at a time may receive, and the layer above sees
 * to that. {@link #close()} may come from any thread.
 *
 * <p>A datagram goes out whole or not at all: a send that is interrupted has sent nothing. A failure of a call leaves the
 * handle as it was; that the peer of a connected socket is unreachable is told once, by the next call, as
 * {@link java.net.PortUnreachableException}.
 *
 * <p>{@link #bind} of a UNIX socket to an empty {@link UnixName} makes the system choose an abstract name, unix(7).
 */
public interface DatagramHandle extends SocketHandle {

    /**
     * Limits the permissions of the socket file that a coming {@link #bind} makes, fchmod(2) of the socket. The umask takes away
     * more.
     *
     * @param mode the permissions, as chmod(2) has them
     * @throws IOException if the system refuses or the handle is closed
     * @throws UnsupportedOperationException if it is no UNIX socket
     */
    default void limitPermissions(int mode) throws IOException {
        throw new UnsupportedOperationException("Only UNIX sockets have permissions");
    }

    /**
     * Fixes the peer, connect(2): datagrams go to it alone, and come from it alone; what has come before is dropped where the
     * backend can. Does not wait. An unbound UDP socket is bound.
     *
     * @param remote the address, resolved
     * @throws IOException if the system refuses, or there is nobody at a UNIX name
     */
    void connect(SocketAddress remote) throws IOException;

    /**
     * {@return the address of the peer} An {@link java.net.InetSocketAddress} or a {@link UnixName}.
     *
     * @throws IOException if the socket is not connected or the system does not tell
     */
    SocketAddress remoteAddress() throws IOException;

    /**
     * Receives one datagram, waiting for it if need be. If interrupted, none was taken. Descriptors that came beside it are
     * closed.
     *
     * @param max how many bytes at most; what is beyond is lost
     * @return the datagram
     * @throws IOException if the system reports a failure or the handle is closed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    SystemDatagram receive(int max) throws IOException, InterruptedException;

    /**
     * Waits until there is a datagram, or a failure to be told. Takes nothing.
     *
     * @throws IOException if the handle is closed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    void awaitReadable() throws IOException, InterruptedException;

    /**
     * Receives at least one datagram, waiting for it if need be, and as many more as there are and have room. A failure that the
     * system reports behind datagrams that were received is told by the next receive, whichever it is.
     *
     * @param batch where they go; what was in it is gone
     * @throws IOException if the system reports a failure, or has before, or the handle is closed; the batch is empty
     * @throws InterruptedException if the thread is interrupted while it waits; the batch is empty
     */
    void receive(DatagramVector batch) throws IOException, InterruptedException;

    /**
     * Sends one datagram, waiting for room if need be.
     *
     * @param data the datagram; its position and limit stay
     * @throws IOException if the system refuses, the peer is unreachable or the handle closed; nothing was sent
     * @throws InterruptedException if the thread is interrupted while it waits; nothing was sent
     */
    void send(ByteBuffer data) throws IOException, InterruptedException;

    /**
     * Sends one datagram to an address, waiting for room if need be.
     *
     * @param data the datagram; its position and limit stay
     * @param to the address, resolved
     * @throws IOException if the system refuses or the handle is closed; nothing was sent
     * @throws InterruptedException if the thread is interrupted while it waits; nothing was sent
     */
    void send(ByteBuffer data, SocketAddress to) throws IOException, InterruptedException;

    /**
     * Sends one datagram to an address from one of this machine's addresses, as an answer comes from where the question went.
     *
     * @param data the datagram; its position and limit stay
     * @param to the address, resolved
     * @param from the local address
     * @throws IOException if the system refuses or the handle is closed; nothing was sent
     * @throws InterruptedException if the thread is interrupted while it waits; nothing was sent
     * @throws UnsupportedOperationException if the backend lacks {@link Capability#DESTINATION_ADDRESS}
     */
    default void send(ByteBuffer data, SocketAddress to, InetAddress from) throws IOException, InterruptedException {
        throw new UnsupportedOperationException(
                "This socket cannot choose the address it sends from; one of the backend linux can");
    }

    /**
     * Sends the datagrams of a batch from its position on, each to its address, or those without one to the peer, waiting for room
     * if need be. A connected socket sends all to its peer; the only addresses that it is given are those of datagrams that it has
     * received, and they count for nothing. The position tells how many went out, also when it throws; then it is at the one that
     * failed.
     *
     * <p>Where several go out with one call of the system, as on Linux, a peer that is found unreachable behind the first of them
     * may not be told of at all: the system uses up what it has to tell.
     *
     * @param batch the datagrams
     * @throws IOException if the system refuses one or the handle is closed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    void send(DatagramVector batch) throws IOException, InterruptedException;

    /**
     * Receives one datagram and what travels beside it. Descriptors that come are close-on-exec.
     *
     * @param max how many bytes at most; what is beyond is lost
     * @return the datagram
     * @throws IOException if the system reports a failure or the handle is closed
     * @throws InterruptedException if the thread is interrupted while it waits; then nothing was received
     * @throws UnsupportedOperationException if the backend lacks {@link Capability#DESCRIPTORS}, or it is no UNIX socket
     */
    default SystemDatagram receiveMessage(int max) throws IOException, InterruptedException {
        throw withoutControlData();
    }

    /**
     * Sends one datagram, and what is to travel beside it.
     *
     * @param data the datagram; its position and limit stay
     * @param to the address; empty for the peer of a connected socket
     * @param control what travels beside it; stays the caller's
     * @throws ControlRefusedException if the system refuses what is to travel beside it; then nothing was sent
     * @throws IOException if the system refuses or the handle is closed; nothing was sent
     * @throws InterruptedException if the thread is interrupted while it waits; then nothing was sent
     * @throws UnsupportedOperationException if the backend lacks {@link Capability#DESCRIPTORS}, or it is no UNIX socket
     */
    default void sendMessage(ByteBuffer data, Optional<UnixName> to, ControlData control)
            throws IOException, InterruptedException {
        throw withoutControlData();
    }

    /**
     * Joins a multicast group.
     *
     * @param group the group, of this socket's family, or of IPv4 on a socket for both
     * @param on the interface
     * @param source whose datagrams alone are wanted; empty for all
     * @throws IOException if the system refuses or the handle is closed
     * @throws UnsupportedOperationException if it is no UDP socket
     */
    void join(InetAddress group, NetworkInterface on, Optional<InetAddress> source) throws IOException;

    /**
     * Leaves a multicast group that was joined with the same arguments.
     *
     * @param group the group
     * @param on the interface
     * @param source as it was joined
     * @throws IOException if it was not joined so, the system refuses or the handle is closed
     * @throws UnsupportedOperationException if it is no UDP socket
     */
    void leave(InetAddress group, NetworkInterface on, Optional<InetAddress> source) throws IOException;

    private static UnsupportedOperationException withoutControlData() {
        return new UnsupportedOperationException(
                "This socket has no control messages; UNIX datagram sockets of the backend linux have");
    }
}

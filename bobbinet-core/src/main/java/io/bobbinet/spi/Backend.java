package io.bobbinet.spi;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.SelectableChannel;
import java.util.Set;

/**
 * A way of reaching the operating system's sockets.
 *
 * <p>Addresses are {@link java.net.InetSocketAddress} (resolved) or {@link UnixName}. Families are those of
 * {@link java.net.StandardProtocolFamily}. A backend is used by many threads at once and lives as long as the JVM.
 */
public interface Backend {

    /**
     * {@return the name of the backend}
     */
    String name();

    /**
     * {@return what this backend can do}
     */
    Set<Capability> capabilities();

    /**
     * {@return how task threads are run, in a few words, for people}
     */
    String threading();

    /**
     * Makes the thread of a task.
     *
     * @param name the thread's name, or an empty text for none
     * @param body what it is to run
     * @return a thread that has not been started
     */
    Thread newTaskThread(String name, Runnable body);

    /**
     * Opens a stream socket that is neither bound nor connected.
     *
     * @param family the protocol family
     * @return the handle
     * @throws IOException if the system gives none, for instance for lack of descriptors
     * @throws UnsupportedOperationException if this backend does not have the family
     */
    StreamHandle openStream(ProtocolFamily family) throws IOException;

    /**
     * Opens a listening socket that is not bound yet.
     *
     * @param family the protocol family; {@link java.net.StandardProtocolFamily#INET6} serves IPv4 too when bound to
     *     the wildcard, where the system can
     * @return the handle
     * @throws IOException if the system gives none
     * @throws UnsupportedOperationException if this backend does not have the family
     */
    ListenerHandle openListener(ProtocolFamily family) throws IOException;

    /**
     * Opens two UNIX stream sockets that are connected to each other.
     *
     * @return the two
     * @throws IOException if the system gives none
     * @throws UnsupportedOperationException if this backend lacks {@link Capability#UNIX_STREAM}
     */
    HandlePair openPair() throws IOException;

    /**
     * Opens a datagram socket that is neither bound nor connected.
     *
     * @param family the protocol family; {@link java.net.StandardProtocolFamily#INET6} sends to and receives from IPv4 too,
     *     where the system can
     * @return the handle
     * @throws IOException if the system gives none, for instance for lack of descriptors
     * @throws UnsupportedOperationException if this backend does not have the family
     */
    default DatagramHandle openDatagram(ProtocolFamily family) throws IOException {
        throw new UnsupportedOperationException("The backend " + name() + " has no datagram sockets of the family "
                + family + "; the backend linux has");
    }

    /**
     * {@return what can be done with descriptors}
     *
     * @throws UnsupportedOperationException if this backend lacks {@link Capability#DESCRIPTORS}
     */
    default Descriptors descriptors() {
        throw new UnsupportedOperationException("The backend " + name() + " has no descriptors; the backend linux has");
    }

    /**
     * Takes over a connected {@link java.nio.channels.SocketChannel}. If it throws, the caller still owns the channel.
     *
     * @param channel the channel, not registered with a selector; its blocking mode will be changed
     * @return the handle, which owns the channel
     * @throws IOException if the channel is closed or cannot be used
     * @throws IllegalArgumentException if it is a channel of another kind
     * @throws UnsupportedOperationException if this backend lacks {@link Capability#CHANNEL_ADOPTION}
     */
    StreamHandle adoptStream(SelectableChannel channel) throws IOException;

    /**
     * Takes over a bound {@link java.nio.channels.ServerSocketChannel}. If it throws, the caller still owns the channel.
     *
     * @param channel the channel, not registered with a selector; its blocking mode will be changed
     * @return the handle, which owns the channel
     * @throws IOException if the channel is closed or cannot be used
     * @throws IllegalArgumentException if it is a channel of another kind
     * @throws UnsupportedOperationException if this backend lacks {@link Capability#CHANNEL_ADOPTION}
     */
    ListenerHandle adoptListener(SelectableChannel channel) throws IOException;

    /**
     * Takes over a {@link java.nio.channels.DatagramChannel}. If it throws, the caller still owns the channel.
     *
     * @param channel the channel, not registered with a selector; its blocking mode will be changed
     * @return the handle, which owns the channel
     * @throws IOException if the channel is closed or cannot be used
     * @throws IllegalArgumentException if it is a channel of another kind
     * @throws UnsupportedOperationException if this backend lacks {@link Capability#CHANNEL_ADOPTION}
     */
    default DatagramHandle adoptDatagram(SelectableChannel channel) throws IOException {
        throw new UnsupportedOperationException(
                "The backend " + name() + " cannot take over channels of the JDK; the backend nio can");
    }
}

package io.bobbinet.spi;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;

/**
 * An open socket of a backend.
 *
 * <p>Every operation that waits may be ended by {@link Thread#interrupt()}: it then throws
 * {@link InterruptedException}, with the interrupt status cleared, and the handle is open and usable. Nothing else but
 * {@link #close()} ends a wait early.
 */
public interface SocketHandle {

    /**
     * Binds the socket to a local address, before it is connected.
     *
     * @param local the address; port 0 lets the system choose
     * @throws IOException if the system refuses; {@link java.net.BindException} where the address is the reason
     */
    void bind(SocketAddress local) throws IOException;

    /**
     * {@return the local address the system reports} An {@link java.net.InetSocketAddress} or a {@link UnixName}.
     *
     * @throws IOException if the system does not tell
     */
    SocketAddress localAddress() throws IOException;

    /**
     * {@return the options that can be set or asked for}
     */
    Set<java.net.SocketOption<?>> supportedOptions();

    /**
     * Sets a socket option.
     *
     * @param <T> the type of its value
     * @param option the option
     * @param value its value
     * @throws IOException if the system refuses it or the handle is closed
     * @throws UnsupportedOperationException if this kind of socket does not have the option
     */
    <T> void setOption(SocketOption<T> option, T value) throws IOException;

    /**
     * Asks for a socket option.
     *
     * @param <T> the type of its value
     * @param option the option
     * @return its value
     * @throws IOException if the handle is closed
     * @throws UnsupportedOperationException if this kind of socket does not have the option
     */
    <T> T getOption(SocketOption<T> option) throws IOException;

    /**
     * Makes another descriptor of the same socket, dup(2), to be sent to another process.
     *
     * @return the descriptor, which belongs to the caller
     * @throws IOException if the system gives none, or the handle is closed
     * @throws UnsupportedOperationException if the backend lacks {@link Capability#DESCRIPTORS}
     */
    default DescriptorHandle duplicate() throws IOException {
        throw new UnsupportedOperationException(
                "A socket of the JDK cannot be sent to another process; one of the backend linux can");
    }

    /**
     * {@return whether {@link #close()} has not been called}
     */
    boolean isOpen();

    /**
     * Closes the socket. Every call that is blocked on it ends with a {@link java.nio.channels.ClosedChannelException};
     * so does every later one. Idempotent, takes no notice of the interrupt status and leaves it as it is. The
     * descriptor is released when this returns, also from a second concurrent call, and is not released while a call
     * still uses it.
     *
     * @throws IOException if the system reports a failure; the descriptor is released all the same
     */
    void close() throws IOException;
}

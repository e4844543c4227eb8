package io.bobbinet.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;

/**
 * A socket as far as its options go. Found below any number of wrappers by {@link SocketAttributes#SOCKET}.
 *
 * {@snippet file="NetExamples.java" region="socket"}
 */
public sealed interface SocketView permits SocketStream, HandleSocket {

    /**
     * {@return the address of this end} As it was when the socket was made; known after the close.
     */
    SocketAddress localAddress();

    /**
     * Asks for the value of a socket option.
     *
     * @param <T> the type of the value
     * @param option the option
     * @return its value
     * @throws UnsupportedOperationException if this socket does not have the option
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the socket
     * @throws IOException if the system refuses
     */
    <T> T option(SocketOption<T> option) throws IOException;

    /**
     * Sets a socket option.
     *
     * @param <T> the type of the value
     * @param option the option
     * @param value its value
     * @throws UnsupportedOperationException if this socket does not have the option
     * @throws IllegalArgumentException if the option does not take the value
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the socket
     * @throws IOException if the system refuses
     */
    <T> void setOption(SocketOption<T> option, T value) throws IOException;

    /**
     * {@return the options that can be asked for or set}
     */
    Set<SocketOption<?>> supportedOptions();
}

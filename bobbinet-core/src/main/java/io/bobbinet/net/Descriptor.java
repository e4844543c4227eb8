package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DescriptorFacts;
import io.bobbinet.spi.DescriptorFacts.Kind;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.SocketHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.stream.ClosedResourceException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * An open file descriptor that belongs to its holder: of a file, pipe, device or socket. Linux only.
 *
 * {@snippet file="DescriptorExamples.java" region="open"}
 *
 * <p>There are four ways to one: {@link #open} opens a file, {@link #adopt} takes over a number, the {@code toDescriptor}
 * methods of sockets duplicate theirs, and a {@link UnixDescriptorStream} receives those that others send. Sending one does not
 * use it up.
 *
 * <p>It can be opened once, by one of the {@code as} methods, as what it is: the result owns the descriptor, and this object
 * counts as closed. If the descriptor is of the wrong kind they throw, and it is still this object's. What is opened so shares
 * with all others who have a descriptor of the same open file its position, its flags and its connection.
 *
 * <p>Descriptors are close-on-exec. The methods may be called by any thread.
 */
public final class Descriptor implements Closeable {
    private final DescriptorHandle handle;

    /** Whether the handle is somebody else's now; guarded by this. */
    private boolean given;

    Descriptor(DescriptorHandle handle) {
        this.handle = handle;
    }

    /**
     * Opens a file. Never waits for the other end of a FIFO.
     *
     * @param path the path, of the default file system
     * @param options as for {@link java.nio.channels.FileChannel#open(Path, OpenOption...)}; none for reading
     * @return the descriptor, which belongs to the caller
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has, or an option is
     *     not known
     * @throws IllegalArgumentException if options contradict each other
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws java.nio.file.AccessDeniedException if it must not be opened
     * @throws IOException if the system refuses otherwise, as the precise exception of {@code java.nio.file}
     */
    public static Descriptor open(Path path, OpenOption... options) throws IOException {
        return new Descriptor(LinuxOnly.descriptors().open(path, new HashSet<>(List.of(options))));
    }

    /**
     * Takes over a descriptor by its number, and makes it close-on-exec. Nobody else may close it or use its number from then
     * on. If this throws, it still belongs to the caller.
     *
     * @param number the number
     * @return the descriptor, which belongs to the caller
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has
     * @throws IllegalArgumentException if the number is negative
     * @throws IOException if no descriptor has the number
     */
    public static Descriptor adopt(int number) throws IOException {
        if (number < 0) {
            throw new IllegalArgumentException("The number of a descriptor is not negative: " + number);
        }
        return new Descriptor(LinuxOnly.descriptors().adopt(number));
    }

    // -- opening

    /**
     * Opens a file, pipe or device for reading, from its current position on. A read that waits can be cancelled, timed out and
     * interrupted, and has then read nothing; those of regular files do not wait in this sense. One thread at a time may read.
     * Closed under a read or before, it throws {@link ClosedResourceException}.
     *
     * @return the input stream, which owns the descriptor
     * @throws IllegalArgumentException if this is a directory or a socket; the message names the method for that
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public InputStream asInputStream() throws IOException {
        return opened(Adoption::checkNoSocket, DescriptorInput::new);
    }

    /**
     * Opens a file, pipe or device for writing, from its current position on. Each write hands all its bytes to the system, and
     * can be cancelled, timed out and interrupted while it waits; how many bytes went out before that is not told. One thread at
     * a time may write. Closed under a write or before, it throws {@link ClosedResourceException}.
     *
     * @return the output stream, which owns the descriptor
     * @throws IllegalArgumentException if this is a directory or a socket; the message names the method for that
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public OutputStream asOutputStream() throws IOException {
        return opened(Adoption::checkNoSocket, DescriptorOutput::new);
    }

    /**
     * Opens a regular file as a channel. What it may do is up to whoever opened the file; what it may not, such as writing to
     * a file that is open for reading, throws {@link IOException}. Its position is that of the open file, which it shares with
     * all who have a descriptor of it. Unlike a {@link java.nio.channels.FileChannel} it is not closed by an interrupt.
     *
     * @return the channel, which owns the descriptor
     * @throws IllegalArgumentException if this is no regular file
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public SeekableByteChannel asChannel() throws IOException {
        return opened(Adoption::checkFile, DescriptorChannel::new);
    }

    /**
     * Opens a TCP connection. Its options are left as they are.
     *
     * @return the stream, which owns the descriptor
     * @throws IllegalArgumentException if this is something else, a listener included
     * @throws NotYetConnectedException if it is a TCP socket that is not connected
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public TcpStream asTcpStream() throws IOException {
        return opened(facts -> Adoption.checkConnected(facts, Kind.TCP), d -> TcpStream.over(stream(d)));
    }

    /**
     * Opens a TCP listener.
     *
     * @return the listener, which owns the descriptor
     * @throws IllegalArgumentException if this is something else, a connection and a socket that is bound but does not listen
     *     included
     * @throws NotYetBoundException if it is a TCP socket that is not bound
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public TcpListener asTcpListener() throws IOException {
        return opened(
                facts -> Adoption.checkListening(facts, Kind.TCP), d -> listener(d, l -> TcpListener.over(List.of(l))));
    }

    /**
     * Opens a UNIX stream connection.
     *
     * @return the stream, which owns the descriptor
     * @throws IllegalArgumentException if this is something else, a listener included
     * @throws NotYetConnectedException if it is a UNIX stream socket that is not connected
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public UnixStream asUnixStream() throws IOException {
        return opened(facts -> Adoption.checkConnected(facts, Kind.UNIX_STREAM), d -> UnixStream.over(stream(d)));
    }

    /**
     * Opens a UNIX stream listener. Its socket file, if it has one, stays when it is closed.
     *
     * @return the listener, which owns the descriptor
     * @throws IllegalArgumentException if this is something else, a connection and a socket that is bound but does not listen
     *     included
     * @throws NotYetBoundException if it is a UNIX stream socket that is not bound
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public UnixListener asUnixListener() throws IOException {
        return opened(facts -> Adoption.checkListening(facts, Kind.UNIX_STREAM), d -> listener(d, UnixListener::over));
    }

    /**
     * Opens a UDP socket that is not connected.
     *
     * @return the socket, which owns the descriptor
     * @throws IllegalArgumentException if this is something else, a connected UDP socket included
     * @throws NotYetBoundException if it is a UDP socket that is not bound
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public UdpSocket asUdpSocket() throws IOException {
        return opened(facts -> Adoption.checkUnconnected(facts, Kind.UDP), d -> datagrams(d, UdpSocket::over));
    }

    /**
     * Opens a UDP socket that is connected.
     *
     * @return the socket, which owns the descriptor
     * @throws IllegalArgumentException if this is something else
     * @throws NotYetConnectedException if it is a UDP socket that is not connected
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public ConnectedUdpSocket asConnectedUdpSocket() throws IOException {
        return opened(facts -> Adoption.checkConnected(facts, Kind.UDP), d -> datagrams(d, ConnectedUdpSocket::over));
    }

    /**
     * Opens a UNIX datagram socket that is not connected. Its socket file, if it has one, stays when it is closed.
     *
     * @return the socket, which owns the descriptor
     * @throws IllegalArgumentException if this is something else, a connected UNIX datagram socket included
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public UnixDatagramSocket asUnixDatagramSocket() throws IOException {
        return opened(
                facts -> Adoption.checkUnconnected(facts, Kind.UNIX_DATAGRAM),
                d -> datagrams(d, UnixDatagramSocket::over));
    }

    /**
     * Opens a UNIX datagram socket that is connected, one of a {@code socketpair} included. Its socket file, if it has one,
     * stays when it is closed.
     *
     * @return the socket, which owns the descriptor
     * @throws IllegalArgumentException if this is something else
     * @throws NotYetConnectedException if it is a UNIX datagram socket that is not connected
     * @throws UnsupportedOperationException if the backend in force has no descriptors, as {@code linux} has
     * @throws ClosedResourceException if this is closed
     * @throws IOException if the system fails
     */
    public ConnectedUnixDatagramSocket asConnectedUnixDatagramSocket() throws IOException {
        return opened(
                facts -> Adoption.checkConnected(facts, Kind.UNIX_DATAGRAM),
                d -> datagrams(d, ConnectedUnixDatagramSocket::over));
    }

    private interface Check {
        void of(DescriptorFacts facts);
    }

    private interface Opening<H, T> {
        T of(H handle) throws IOException;
    }

    private synchronized <T> T opened(Check check, Opening<DescriptorHandle, T> opening) throws IOException {
        checkOpen();
        try {
            check.of(handle.facts());
            T opened = opening.of(handle);
            given = true;
            return opened;
        } catch (ClosedChannelException e) {
            throw closed(e);
        }
    }

    private static StreamHandle stream(DescriptorHandle descriptor) throws IOException {
        return LinuxOnly.descriptors().adoptStream(descriptor);
    }

    private static <T> T listener(DescriptorHandle descriptor, Opening<ListenerHandle, T> opening) throws IOException {
        return owned(LinuxOnly.descriptors().adoptListener(descriptor), opening);
    }

    private static <T> T datagrams(DescriptorHandle descriptor, Opening<DatagramHandle, T> opening) throws IOException {
        return owned(LinuxOnly.descriptors().adoptDatagram(descriptor), opening);
    }

    private static <H extends SocketHandle, T> T owned(H handle, Opening<H, T> opening) throws IOException {
        try {
            return opening.of(handle);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }

    // -- the number

    /**
     * {@return the number of the descriptor} It means something only as long as this is open.
     *
     * @throws ClosedResourceException if this is closed
     */
    public synchronized int number() throws ClosedResourceException {
        checkOpen();
        return handle.number();
    }

    /**
     * Gives the descriptor away: it stays open, and this object counts as closed.
     *
     * @return the number of the descriptor, which belongs to the caller from now on
     * @throws ClosedResourceException if this is closed
     * @throws IOException in no other case
     */
    public synchronized int release() throws IOException {
        checkOpen();
        try {
            return handle.release();
        } catch (ClosedChannelException e) {
            throw closed(e);
        }
    }

    /** {@return the handle, for as long as a send takes} */
    synchronized DescriptorHandle toSend() {
        if (!isOpen()) {
            throw new IllegalArgumentException("A closed descriptor cannot be sent");
        }
        return handle;
    }

    private boolean isOpen() {
        return !given && handle.isOpen();
    }

    private void checkOpen() throws ClosedResourceException {
        if (!isOpen()) {
            throw new ClosedResourceException("The descriptor is closed, or was opened or released");
        }
    }

    private static ClosedResourceException closed(ClosedChannelException e) {
        return new ClosedResourceException("The descriptor was closed meanwhile", e);
    }

    // -- closing

    /**
     * Closes the descriptor, unless it was opened or released. Idempotent. The file, pipe or socket itself lives on as long as
     * somebody has a descriptor of it.
     *
     * @throws IOException if the system reported a failure; the descriptor is released all the same
     */
    @Override
    public void close() throws IOException {
        boolean mine;
        synchronized (this) {
            mine = !given;
        }
        if (mine) {
            handle.close();
        }
    }

    /** Closes several, all of them in any case. */
    static void closeAll(List<Descriptor> descriptors) throws IOException {
        IOException failure = null;
        for (Descriptor descriptor : descriptors) {
            try {
                descriptor.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Closes what a failure leaves over; what goes wrong with that is suppressed under the failure. */
    static void closeAfter(Throwable failure, List<Descriptor> descriptors) {
        try {
            closeAll(descriptors);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** {@return the number, and what it is} */
    @Override
    public synchronized String toString() {
        if (!isOpen()) {
            return "Descriptor[closed]";
        }
        try {
            return "Descriptor[" + handle.number() + ", " + handle.facts().text() + "]";
        } catch (IOException e) {
            return "Descriptor[" + handle.number() + "]";
        }
    }
}

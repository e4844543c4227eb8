package io.bobbinet.net;

import io.bobbinet.spi.StreamHandle;
import java.io.IOException;

/**
 * A connection between two processes of one machine, unix(7).
 *
 * <p>Made by {@link Unix#connect}, {@link Unix#pair}, a {@link UnixConnector}, a {@link UnixListener} or {@link Unix#adopt}.
 *
 * <p>A UNIX stream cannot be reset by its owner: if a send was cut off in its middle, the peer sees an end after the part
 * that went out. If a cut message must not be taken for a whole one, the messages have to tell their length. The peer does
 * see a reset if this side closes with data unread.
 *
 * <p>Open descriptors that the peer sends along are closed by the system when the bytes are received that they came with. A
 * {@link UnixDescriptorStream} receives them; {@link #withDescriptors()} makes one.
 */
public final class UnixStream extends UnixHandleStream implements SocketStream {

    private UnixStream(StreamHandle handle, UnixAddress local, UnixAddress peer) {
        super(handle, local, peer);
    }

    private UnixStream(UnixPlace.Bound<StreamHandle> bound, UnixAddress peer) {
        super(bound, peer);
    }

    /** Makes a stream of a handle that was bound, and connected to an address. */
    static UnixStream connected(UnixPlace.Bound<StreamHandle> bound, UnixAddress peer) {
        return new UnixStream(bound, peer);
    }

    /** Makes a stream of a handle that was connected to an address. */
    static UnixStream connected(StreamHandle handle, UnixAddress peer) {
        return new UnixStream(handle, address(handle::localAddress), peer);
    }

    /** Makes a stream of a handle that a listener has accepted. */
    static UnixStream accepted(StreamHandle handle, UnixAddress local) {
        return new UnixStream(handle, local, address(handle::remoteAddress));
    }

    /** Makes a stream of one end of a pair, whatever it was made by. */
    static UnixStream unnamed(StreamHandle handle) {
        return new UnixStream(handle, UnixAddress.unnamed(), UnixAddress.unnamed());
    }

    /** Makes a stream of a connected handle of which nothing else is known. */
    static UnixStream over(StreamHandle handle) {
        return new UnixStream(handle, address(handle::localAddress), address(handle::remoteAddress));
    }

    /**
     * Makes of this a stream that can pass descriptors, over the same connection, in the state in which it is. This object
     * counts as closed from then on, and closing it does nothing; if this throws, it is as it was. Linux only.
     *
     * @return the stream, which owns the connection
     * @throws UnsupportedOperationException if this is a channel of the JDK, as all are of the backend {@code nio} and all
     *     that were adopted
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream
     * @throws io.bobbinet.stream.BusyResourceException if a thread is receiving or sending
     * @throws IOException in no other case
     */
    public UnixDescriptorStream withDescriptors() throws IOException {
        return UnixDescriptorStream.takingOver(this);
    }
}

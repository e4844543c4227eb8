package io.bobbinet.net;

import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * A connection between two processes of one machine, unix(7).
 *
 * <p>Made by {@link Unix#connect}, a {@link UnixConnector}, a {@link UnixListener} or {@link Unix#adopt}.
 *
 * <p>A UNIX stream cannot be reset by its owner: if a send was cut off in its middle, the peer sees an end after the part
 * that went out. If a cut message must not be taken for a whole one, the messages have to tell their length. The peer does
 * see a reset if this side closes with data unread.
 */
public final class UnixStream extends HandleStream implements SocketStream {
    private final UnixAddress local;
    private final UnixAddress peer;

    private UnixStream(StreamHandle handle, UnixAddress local, UnixAddress peer) {
        super(handle);
        this.local = local;
        this.peer = peer;
    }

    /** Makes a stream of a handle that was connected to an address. */
    static UnixStream connected(StreamHandle handle, UnixAddress peer) {
        return new UnixStream(handle, address(handle::localAddress), peer);
    }

    /** Makes a stream of a handle that a listener has accepted. */
    static UnixStream accepted(StreamHandle handle, UnixAddress local) {
        return new UnixStream(handle, local, address(handle::remoteAddress));
    }

    /** Makes a stream of a connected handle of which nothing else is known. */
    static UnixStream over(StreamHandle handle) {
        return new UnixStream(handle, address(handle::localAddress), address(handle::remoteAddress));
    }

    private interface AddressSource {
        SocketAddress ask() throws IOException;
    }

    private static UnixAddress address(AddressSource source) {
        try {
            if (source.ask() instanceof UnixName name) {
                return UnixAddress.of(name);
            }
        } catch (IOException e) {
            // As good as unnamed.
        }
        return UnixAddress.unnamed();
    }

    /** {@return the address of this end} Unnamed on the side that connected, most often. */
    @Override
    public UnixAddress localAddress() {
        return local;
    }

    /** {@return the address of the other end} Unnamed on the side that accepted, most often. */
    @Override
    public UnixAddress peerAddress() {
        return peer;
    }

    @Override
    SocketAddress local() {
        return local;
    }

    @Override
    SocketAddress peer() {
        return peer;
    }

    @Override
    void closeWillReset() {
        // There is no such thing.
    }
}

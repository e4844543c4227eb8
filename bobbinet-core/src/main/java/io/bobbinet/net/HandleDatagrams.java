package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A datagram socket over a handle of a backend: what UDP and UNIX sockets have in common, connected or not. */
abstract sealed class HandleDatagrams<A extends SocketAddress> extends HandleSocket<DatagramHandle>
        implements DatagramTransport<A> permits UdpSocket, ConnectedUdpSocket, UnixHandleDatagrams {
    private final A local;
    private final ResourceGuard receiving = new ResourceGuard("receiving from");
    private final DatagramServing serving = new DatagramServing();

    HandleDatagrams(DatagramHandle handle, A local) {
        super(handle);
        this.local = local;
    }

    /** {@return who sent a datagram} Empty for a socket without a name. */
    abstract Optional<A> sender(SocketAddress address);

    /** {@return the peer, if this is connected} */
    Optional<A> peer() {
        return Optional.empty();
    }

    @Override
    public final A localAddress() {
        return local;
    }

    // -- receiving

    @Override
    public final Datagram<A> receive(int max) throws IOException {
        if (max < 1) {
            throw new IllegalArgumentException("At least 1 byte must be asked for, not " + max);
        }
        beginReceive();
        try {
            SystemDatagram datagram = handle.receive(max);
            return Datagram.received(datagram, sender(datagram.sender()));
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (IOException e) {
            throw receiveFailed(e);
        } finally {
            receiving.exit();
        }
    }

    @Override
    public final void receiveBatch(DatagramBatch<A> batch) throws IOException {
        Objects.requireNonNull(batch, "batch").clear();
        beginReceive();
        try {
            handle.receive(batch.vector());
            batch.received();
        } catch (InterruptedException e) {
            batch.clear();
            throw CancelScope.interrupted(e);
        } catch (IOException e) {
            batch.clear();
            throw receiveFailed(e);
        } finally {
            receiving.exit();
        }
    }

    /** Does the checks of a receive; if it returns, {@code receiving} is held. */
    final void beginReceive() throws IOException {
        checkOpen("receive from");
        serving.checkReceiver(this);
        receiving.enter();
        try {
            CancelScope.checkpoint();
        } catch (Throwable t) {
            receiving.exit();
            throw t;
        }
    }

    final void endReceive() {
        receiving.exit();
    }

    final IOException receiveFailed(IOException e) {
        if (isClosed() || e instanceof ClosedChannelException) {
            return closedDuring("receiving from", e);
        }
        return SocketErrors.about("receiving from " + this, e);
    }

    // -- sending

    /** Sends to an address, or to the peer if there is none; from an address, if there is one. */
    final void transmit(ByteBuffer data, @Nullable SocketAddress to, @Nullable InetAddress from) throws IOException {
        beginSend();
        try {
            if (to == null) {
                handle.send(data);
            } else if (from == null) {
                handle.send(data, to);
            } else {
                handle.send(data, to, from);
            }
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (IOException e) {
            throw sendFailed(e, data.remaining(), to);
        }
    }

    final void beginSend() throws IOException {
        checkOpen("send by");
        CancelScope.checkpoint();
    }

    final IOException sendFailed(IOException e, int size, @Nullable SocketAddress to) {
        if (isClosed() || e instanceof ClosedChannelException) {
            return closedDuring("sending by", e);
        }
        String where =
                to != null ? AddressText.of(to) : peer().map(AddressText::of).orElse("?");
        return SocketErrors.about("sending a datagram of " + size + " bytes to " + where, e);
    }

    /** Checks what can be known to be wrong with the datagram of a batch that is to be sent. */
    abstract void checkPeer(DatagramBatch<A> batch, int index) throws IOException;

    @Override
    public final void sendBatch(DatagramBatch<A> batch) throws IOException {
        beginSend();
        for (int i = batch.position(); i < batch.size(); i++) {
            checkPeer(batch, i);
        }
        try {
            handle.send(batch.vector());
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (IOException e) {
            throw sendFailed(e, batch);
        }
    }

    /** What to throw for the datagram at the position of a batch. */
    IOException sendFailed(IOException e, DatagramBatch<A> batch) {
        int failed = batch.position();
        if (failed == batch.size()) {
            return closedDuring("sending by", e); // there was nothing left that could fail
        }
        SocketAddress to = batch.hasPeer(failed) ? batch.peer(failed) : null;
        return sendFailed(e, batch.vector().length(failed), to);
    }

    // -- the socket

    /**
     * Makes a descriptor of this socket, to be sent to another process or kept: another number for the same socket. It
     * belongs to the caller and is independent of this object, which stays as it is; whoever receives first takes a datagram.
     * Linux only. To be made before a UDP socket receives batches of 64 KiB or more: it then gets in one piece from the system
     * what came as several datagrams, which others who have the socket could not tell apart. Once there is a descriptor, batches
     * do without.
     *
     * @return the descriptor
     * @throws UnsupportedOperationException if this is a channel of the JDK, as all are of the backend {@code nio} and all
     *     that were adopted
     * @throws ClosedResourceException if this side closed the socket
     * @throws SocketException if this UDP socket has received batches of 64 KiB or more
     * @throws IOException if the system gives none
     */
    public final Descriptor toDescriptor() throws IOException {
        return duplicate();
    }

    @Override
    final Optional<A> peerIfAny() {
        return peer();
    }

    @Override
    public final DatagramServing serving() {
        return serving;
    }

    /** On a connected socket: a datagram goes to the peer, or to nobody. */
    final void checkPeer(Optional<A> to) {
        A peer = peer().orElseThrow();
        if (to.isPresent() && !to.get().equals(peer)) {
            throw new IllegalArgumentException("A datagram to " + AddressText.of(to.get())
                    + " cannot be sent by a socket that is connected to " + AddressText.of(peer));
        }
    }

    /** What a close releases besides the handle. */
    void released() throws IOException {}

    @Override
    public final void close() throws IOException {
        boolean first = !isClosed();
        markClosed();
        try {
            handle.close(); // the second of two concurrent calls too returns only when the descriptor is released
        } finally {
            serving.closed();
            if (first) {
                released();
            }
        }
    }

    @Override
    final String describe() {
        return getClass().getSimpleName() + "[" + AddressText.of(local)
                + peer().map(peer -> " to " + AddressText.of(peer)).orElse("") + "]";
    }

    @Override
    public final String toString() {
        return isClosed() ? describe().replaceFirst("]$", ", closed]") : describe();
    }
}

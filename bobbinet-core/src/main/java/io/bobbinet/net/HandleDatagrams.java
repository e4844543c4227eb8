package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A datagram socket over a handle of a backend: what UDP and UNIX sockets have in common, connected or not. */
abstract sealed class HandleDatagrams<A extends SocketAddress> implements DatagramTransport<A>
        permits UdpSocket, ConnectedUdpSocket, UnixHandleDatagrams {
    final DatagramHandle handle;
    private final A local;
    private final ResourceGuard receiving = new ResourceGuard("receiving from");
    private final DatagramServing serving = new DatagramServing();

    /** Set once, before the handle is closed. */
    private volatile boolean closed;

    HandleDatagrams(DatagramHandle handle, A local) {
        this.handle = handle;
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
        if (closed || e instanceof ClosedChannelException) {
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
        if (closed || e instanceof ClosedChannelException) {
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
     * Asks for the value of a socket option.
     *
     * @param <T> the type of the value
     * @param option the option
     * @return its value
     * @throws UnsupportedOperationException if this socket does not have the option
     * @throws ClosedResourceException if this side closed the socket
     * @throws SocketException if it has no value: {@link java.net.StandardSocketOptions#IP_MULTICAST_IF} where none was set
     * @throws IOException if the system refuses
     */
    public final <T> T option(SocketOption<T> option) throws IOException {
        Objects.requireNonNull(option, "option");
        checkOpen("ask for " + option + " of");
        try {
            return handle.getOption(option);
        } catch (ClosedChannelException e) {
            throw closedDuring("asking for " + option + " of", e);
        }
    }

    /**
     * Sets a socket option.
     *
     * @param <T> the type of the value
     * @param option the option
     * @param value its value
     * @throws UnsupportedOperationException if this socket does not have the option
     * @throws IllegalArgumentException if the option does not take the value
     * @throws ClosedResourceException if this side closed the socket
     * @throws IOException if the system refuses
     */
    public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
        T checked = LinuxOptions.checked(option, value);
        checkOpen("set " + option + " of");
        try {
            handle.setOption(option, checked);
        } catch (ClosedChannelException e) {
            throw closedDuring("setting " + option + " of", e);
        }
    }

    /**
     * {@return the options that can be asked for or set}
     */
    public final Set<SocketOption<?>> supportedOptions() {
        return handle.supportedOptions();
    }

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
        checkOpen("make a descriptor of");
        try {
            return new Descriptor(handle.duplicate());
        } catch (ClosedChannelException e) {
            throw closedDuring("making a descriptor of", e);
        }
    }

    @Override
    @SuppressWarnings("unchecked") // the two attributes are of socket addresses
    public final <T> Optional<T> find(Attribute<T> attribute) {
        Objects.requireNonNull(attribute, "attribute");
        if (attribute == SocketAttributes.LOCAL_ADDRESS) {
            return (Optional<T>) Optional.of(local);
        }
        return attribute == SocketAttributes.PEER_ADDRESS ? (Optional<T>) peer() : Optional.empty();
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

    final void checkOpen(String action) throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("Cannot " + action + " " + describe() + ": it is closed");
        }
    }

    final ClosedResourceException closedDuring(String action, IOException cause) {
        return new ClosedResourceException("The socket was closed while " + action + " " + describe(), cause);
    }

    /** What a close releases besides the handle. */
    void released() throws IOException {}

    @Override
    public final void close() throws IOException {
        boolean first = !closed;
        closed = true;
        try {
            handle.close(); // the second of two concurrent calls too returns only when the descriptor is released
        } finally {
            serving.closed();
            if (first) {
                released();
            }
        }
    }

    private String describe() {
        return getClass().getSimpleName() + "[" + AddressText.of(local)
                + peer().map(peer -> " to " + AddressText.of(peer)).orElse("") + "]";
    }

    @Override
    public final String toString() {
        return closed ? describe().replaceFirst("]$", ", closed]") : describe();
    }
}

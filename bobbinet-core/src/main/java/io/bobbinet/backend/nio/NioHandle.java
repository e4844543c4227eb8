package io.bobbinet.backend.nio;

import io.bobbinet.spi.RawOption;
import io.bobbinet.spi.SocketHandle;
import io.bobbinet.spi.SystemOptions;
import io.bobbinet.spi.UnixName;
import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A channel in non-blocking mode and the places where its readers and writers wait.
 *
 * <p>A call is tried first; if it cannot go on, its thread waits for the poller to report the channel ready, and tries
 * again. A report that comes between the two is kept by the wait point. A thread that is interrupted leaves the wait with
 * the channel untouched: the JDK closes a channel under an interrupt only in blocking mode.
 */
abstract sealed class NioHandle implements SocketHandle permits NioStreamHandle, NioListenerHandle, NioDatagramHandle {
    /** Written with the lock of this held; another one only while a UNIX socket connects, see {@link #replace}. */
    private SelectableChannel channel;

    private final NioPoller poller;

    /** What to tell as local address until there is one. */
    final SocketAddress unbound;

    /** Where a read or accept waits. */
    final WaitPoint in;

    /** Guarded by this: registered with the first wait. */
    private @Nullable SelectionKey key;

    /** The poller's round that last reported something incoming; written by the poller, before it signals. */
    private volatile long reportedIn;

    /** Guarded by this. */
    private boolean closing;

    /** The interest that is on; written with the lock of this held. */
    private volatile int interest;

    NioHandle(SelectableChannel channel, NioPoller poller, SocketAddress unbound, String in) {
        this.channel = channel;
        this.poller = poller;
        this.unbound = unbound;
        this.in = new WaitPoint(in);
    }

    /** Wakes those who wait to write, send or connect. */
    abstract void signalOutgoing();

    /**
     * Waits for data, the end or a failure; the selector reports all three, and again until they are read. A report of the
     * poller's present round may be of data that was read meanwhile, so one of a later round is waited for.
     */
    final void awaitIncoming(int operation) throws IOException, InterruptedException {
        if (WaitPoint.isWaitingRefused() && isReady(operation)) {
            return;
        }
        long round = poller.round();
        do {
            in.reset();
            if (channel.isOpen()) {
                await(in, operation);
            }
            if (!channel.isOpen()) {
                throw new ClosedChannelException();
            }
        } while (reportedIn - round <= 0);
    }

    /**
     * Asks the system, which takes a selector of its own; the JDK has nothing lighter. For those alone who want to know and not to
     * read. Without a descriptor to spare the answer is no, since the channel is as good as ever.
     */
    private boolean isReady(int operation) throws IOException {
        Selector asked;
        try {
            asked = channel.provider().openSelector();
        } catch (IOException e) {
            return false;
        }
        try (asked) {
            channel.register(asked, operation);
            return asked.selectNow() > 0;
        }
    }

    /** Waits at a wait point until the poller reports the channel ready for an operation, or something else wakes it. */
    final void await(WaitPoint point, int operation) throws IOException, InterruptedException {
        if ((interest & operation) == 0) {
            addInterest(operation);
        }
        point.await();
    }

    private void addInterest(int operation) throws IOException {
        synchronized (this) {
            if (closing || !channel.isOpen()) {
                throw new ClosedChannelException();
            }
            if (key == null) {
                key = poller.register(channel, this);
            }
            interest |= operation;
            setInterest(key);
        }
        poller.wakeup();
    }

    private void setInterest(SelectionKey registered) throws IOException {
        try {
            registered.interestOps(interest);
        } catch (CancelledKeyException e) {
            throw new ClosedChannelException();
        }
    }

    /**
     * Called by the poller. Interest is taken off before the signal is given, never after: a reader that saw it on and went
     * on to wait is then woken, tries again and puts it on.
     */
    final void ready(SelectionKey registered, int operations) {
        int incoming = operations & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT);
        int outgoing = operations & (SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT);
        int off = outgoing; // a socket is writable nearly always: that interest is for one wait only
        if (incoming != 0 && in.isSignalled()) {
            off |= incoming; // reported before, and nobody has come for it
        }
        if (off != 0) {
            synchronized (this) {
                interest &= ~off;
                registered.interestOps(interest);
            }
        }
        if (incoming != 0) {
            reportedIn = poller.round();
            in.signal();
        }
        if (outgoing != 0) {
            signalOutgoing();
        }
    }

    private NetworkChannel network() {
        return (NetworkChannel) channel;
    }

    /** Puts another channel in the place of one that was never registered and is closed; opens none after a close. */
    final synchronized <C extends SelectableChannel> C replace(NioBackend.Maker<C> maker) throws IOException {
        if (closing) {
            throw new ClosedChannelException();
        }
        C fresh = maker.make();
        channel = fresh;
        return fresh;
    }

    @Override
    public void bind(SocketAddress local) throws IOException {
        network().bind(toJdk(local));
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        SocketAddress local = network().getLocalAddress();
        return local == null ? unbound : fromJdk(local);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return network().supportedOptions();
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        checkKnown(option);
        network().setOption(option, value);
    }

    @Override
    public <T> T getOption(SocketOption<T> option) throws IOException {
        checkKnown(option);
        return network().getOption(option);
    }

    private void checkKnown(SocketOption<?> option) {
        if (option instanceof RawOption || SystemOptions.contains(option)) {
            throw new UnsupportedOperationException(
                    "A socket of the backend nio has no option " + option.name() + "; one of the backend linux has");
        }
        if (!network().supportedOptions().contains(option)) { // the JDK would say no more than its name
            throw new UnsupportedOperationException("A socket of the backend nio has no option " + option.name()
                    + " here; one of the backend linux has it if the system does");
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    /**
     * {@inheritDoc}
     *
     * <p>The selector lets go first. The JDK would shut a registered channel down before it closes it, and a peer whose data
     * was not read would see an end in good order where it should see a reset.
     */
    @Override
    public void close() throws IOException {
        SelectionKey registered;
        SelectableChannel last;
        synchronized (this) {
            closing = true;
            last = channel;
            registered = key;
        }
        if (registered != null) {
            registered.cancel();
            poller.awaitRelease(last);
        }
        try {
            last.close(); // waits for a call that is in the kernel, which is never one that blocks
        } finally {
            in.signal();
            signalOutgoing();
        }
    }

    static SocketAddress toJdk(SocketAddress address) {
        return address instanceof UnixName name ? UnixPaths.toJdk(name) : address;
    }

    static SocketAddress fromJdk(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress unix ? UnixPaths.fromJdk(unix) : address;
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}

package io.bobbinet.backend.nio;

import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A selector and the virtual thread that waits on it for many handles.
 *
 * <p>A channel is registered once and its interest is left on between waits, so that most waits cost no system call. The
 * price is that the selector reports a channel again while nobody reads it; the second such report takes the interest off,
 * and the next wait puts it on again.
 *
 * <p>The poller is a virtual thread so that it runs where the threads run that it wakes: no thread switch of the operating
 * system lies between the event and its reader. It yields after every round, which lets those readers run before it polls
 * again. While nothing happens it is parked in {@link Selector#select()}, which does not hold a carrier thread (JDK 24 and
 * later), and nothing wakes up periodically.
 */
final class NioPoller {
    private static final System.Logger LOG = System.getLogger(NioPoller.class.getName());

    private final Selector selector;

    /** What a select has found; used by the poller's thread alone. */
    private final List<SelectionKey> ready = new ArrayList<>();

    /** Those who wait for the selector to let go of a closed channel. */
    private final ConcurrentLinkedQueue<Closer> closers = new ConcurrentLinkedQueue<>();

    private record Closer(SelectableChannel channel, WaitPoint released) {}

    /** Counts the selects; written by the poller's thread. */
    private volatile long round;

    /**
     * Whether the thread is in the selector, or about to be; written by it. Others write what they want done and look here
     * afterwards, and it writes this and looks for what is to be done afterwards, so that one of the two sees the other.
     */
    private volatile boolean selecting;

    private NioPoller(Selector selector) {
        this.selector = selector;
    }

    static NioPoller start(int number) throws IOException {
        NioPoller poller = new NioPoller(Selector.open());
        Thread.ofVirtual()
                .name("bobbinet-nio-" + number)
                .inheritInheritableThreadLocals(false)
                .start(poller::loop);
        return poller;
    }

    private void loop() {
        while (true) {
            try {
                runRound();
            } catch (Throwable t) {
                // Lack of memory, most likely. Everything that waits here would wait for ever if the poller ended.
                ready.clear();
                Thread.yield();
            }
        }
    }

    private void runRound() {
        nextRound();
        select();
        if (!closers.isEmpty()) {
            tellClosers();
        }
        if (!ready.isEmpty()) {
            // After the select and not in it, where the selector holds its locks.
            ready.forEach(NioPoller::report);
            ready.clear();
            Thread.yield();
        }
    }

    /** Waits for events and collects them. */
    private void select() {
        try {
            selecting = true;
            // Whoever came before that flag was up gave no wake-up: the selector sees changes of interest by itself.
            if (closers.isEmpty()) {
                selector.select(ready::add);
            } else {
                selector.selectNow(ready::add);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The selector failed", e);
            Thread.yield();
        } finally {
            selecting = false;
        }
    }

    /**
     * Tells those whose channel the selector has let go of; the others follow after the next round. The selector releases
     * a channel that the JDK closed itself a moment after it ceases to be registered; but it does so on this thread.
     */
    private void tellClosers() {
        closers.removeIf(closer -> {
            boolean gone = !closer.channel.isRegistered();
            if (gone) {
                closer.released.signal();
            }
            return gone;
        });
    }

    private static void report(SelectionKey key) {
        try {
            ((NioHandle) key.attachment()).ready(key, key.readyOps());
        } catch (CancelledKeyException e) {
            // Closed meanwhile; whoever closed it has woken those who waited.
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "A report failed", e);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // there is one writer
    private void nextRound() {
        round++;
    }

    /** The number of the select that is going on, or of the last one. */
    long round() {
        return round;
    }

    SelectionKey register(SelectableChannel channel, NioHandle handle) throws ClosedChannelException {
        return channel.register(selector, 0, handle);
    }

    /** Makes a change of interest, made by another thread, or a closer count from now on. */
    void wakeup() {
        if (selecting) {
            selector.wakeup();
        }
    }

    /** Waits until the selector has let go of a channel that was closed, which releases its descriptor. */
    void awaitRelease(SelectableChannel channel) {
        WaitPoint released = new WaitPoint("close");
        closers.add(new Closer(channel, released));
        wakeup();
        if (released.awaitUninterruptibly()) {
            Thread.currentThread().interrupt();
        }
    }
}

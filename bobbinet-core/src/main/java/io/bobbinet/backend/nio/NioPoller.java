package io.bobbinet.backend.nio;

import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
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

    /** Those who wait for the selector to let go of a closed channel. */
    private final ConcurrentLinkedQueue<WaitPoint> closers = new ConcurrentLinkedQueue<>();

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
                selector.select(NioPoller::report);
            } catch (IOException | RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "The selector failed", e);
            }
            for (WaitPoint closer = closers.poll(); closer != null; closer = closers.poll()) {
                closer.signal();
            }
            Thread.yield();
        }
    }

    private static void report(SelectionKey key) {
        try {
            ((NioHandle) key.attachment()).ready(key, key.readyOps());
        } catch (CancelledKeyException e) {
            // Closed meanwhile; whoever closed it has woken those who waited.
        }
    }

    SelectionKey register(SelectableChannel channel, NioHandle handle) throws ClosedChannelException {
        return channel.register(selector, 0, handle);
    }

    /** Makes a change of interest, made by another thread, count from now on. */
    void wakeup() {
        selector.wakeup();
    }

    /**
     * Waits until the selector has let go of a channel that was closed, which releases its descriptor. One whole round at
     * least: the channel looks unregistered a moment before its descriptor is released.
     */
    void awaitRelease(SelectableChannel channel) {
        boolean interrupted = false;
        WaitPoint released = new WaitPoint("close");
        do {
            closers.add(released);
            selector.wakeup();
            interrupted |= released.awaitUninterruptibly();
        } while (channel.isRegistered());
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

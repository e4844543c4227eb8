package io.bobbinet.backend.nio;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The pollers of the process: started with the first handles, and handed out in turn. */
final class NioPollers {
    private static final int MOST = 8;

    private final AtomicInteger turn = new AtomicInteger();

    /** Guarded by this; filled from the front. */
    private final @Nullable NioPoller[] pollers =
            new NioPoller[Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MOST)];

    NioPoller next() throws IOException {
        int index = Math.floorMod(turn.getAndIncrement(), pollers.length);
        synchronized (this) {
            NioPoller poller = pollers[index];
            if (poller == null) {
                poller = NioPoller.start(index);
                pollers[index] = poller;
            }
            return poller;
        }
    }
}

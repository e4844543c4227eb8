package io.bobbinet.linux;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The pollers of the process: started with the first handles, and handed out in turn. */
final class LinuxPollers {
    private static final int MOST = 8;

    private final AtomicInteger turn = new AtomicInteger();

    /** Guarded by this. */
    private final @Nullable LinuxPoller[] pollers =
            new LinuxPoller[Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MOST)];

    /** Guarded by this. */
    private @Nullable Sentinel sentinel;

    LinuxPoller next() throws IOException {
        int index = Math.floorMod(turn.getAndIncrement(), pollers.length);
        synchronized (this) {
            LinuxPoller poller = pollers[index];
            if (poller == null) {
                poller = start(index);
                pollers[index] = poller;
            }
            return poller;
        }
    }

    private LinuxPoller start(int index) throws IOException {
        Sentinel watching = sentinel;
        if (watching == null) {
            watching = Sentinel.start(pollers.length);
            sentinel = watching;
        }
        return LinuxPoller.start(index, watching);
    }
}

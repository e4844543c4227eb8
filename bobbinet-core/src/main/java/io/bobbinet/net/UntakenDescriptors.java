package io.bobbinet.net;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DescriptorHandle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Received descriptors that nobody has asked for yet. Whoever receives adds, any thread takes or closes; what is added after
 * the close is closed at once.
 */
final class UntakenDescriptors {
    private final int most;

    /** Guarded by this. */
    private final List<Descriptor> waiting = new ArrayList<>();

    /** Guarded by this. */
    private boolean lost;

    /** Guarded by this. */
    private boolean closed;

    UntakenDescriptors(int most) {
        this.most = most;
    }

    void add(ControlData control) {
        if (control.descriptors().isEmpty() && !control.truncated()) {
            return;
        }
        List<Descriptor> surplus = new ArrayList<>();
        synchronized (this) {
            for (DescriptorHandle handle : control.descriptors()) {
                (closed || waiting.size() == most ? surplus : waiting).add(new Descriptor(handle));
            }
            lost |= control.truncated() || !surplus.isEmpty();
        }
        closeSurplus(surplus);
    }

    /** The bytes that they came with are received all the same. */
    private static void closeSurplus(List<Descriptor> surplus) {
        try {
            Descriptor.closeAll(surplus);
        } catch (IOException e) {
            // They are gone, and nobody was to have them.
        }
    }

    synchronized List<Descriptor> take() {
        List<Descriptor> taken = List.copyOf(waiting);
        waiting.clear();
        return taken;
    }

    synchronized boolean hasLost() {
        return lost;
    }

    void close() throws IOException {
        List<Descriptor> rest;
        synchronized (this) {
            closed = true;
            rest = take();
        }
        Descriptor.closeAll(rest);
    }
}

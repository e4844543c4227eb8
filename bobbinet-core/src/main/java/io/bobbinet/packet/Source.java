package io.bobbinet.packet;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stream below a client: takes no more at once than is wanted, and counts. */
class Source implements ByteStream {
    final ByteStream below;
    private final int most;

    /** How long a receive may wait, if not for ever. */
    private final @Nullable Patience patience;

    /** How many bytes were received; for the receiving thread. */
    private long received;

    Source(ByteStream below, int most, @Nullable Patience patience) {
        this.below = below;
        this.most = most;
        this.patience = patience;
    }

    /** How many bytes were received since the beginning. */
    final long received() {
        return received;
    }

    /** A receive of a packet begins, in the middle of what is to be discarded maybe. */
    final void begin(boolean byIdleTimeout) {
        if (patience != null) {
            patience.begin(byIdleTimeout);
        }
    }

    /** What comes up to the next packet is part of none. */
    final void gapBegins() {
        if (patience != null) {
            patience.gapBegins();
        }
    }

    /** A packet begins at a position of the stream. */
    final void packetBegins(long position) {
        if (patience != null) {
            patience.packetBegins(position);
        }
    }

    /** The bytes up to a position have been received for good, and what came beside them is wanted by nobody. */
    void passed(long position) {}

    final int atMost(int wanted) {
        return Math.min(wanted, most);
    }

    @Override
    public final byte[] receive(int max) throws IOException {
        byte[] bytes = patience == null ? read(max) : patience.read(received, () -> read(max));
        received += bytes.length;
        return bytes;
    }

    byte[] read(int max) throws IOException {
        return below.receive(atMost(max));
    }

    @Override
    public final int receive(ByteBuffer target) throws IOException {
        int bytes = patience == null ? read(target) : patience.read(received, () -> read(target));
        received += bytes;
        return bytes;
    }

    int read(ByteBuffer target) throws IOException {
        int limit = target.limit();
        target.limit(target.position() + atMost(target.remaining()));
        try {
            return below.receive(target);
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public final void awaitReceivable() throws IOException {
        if (patience == null) {
            below.awaitReceivable();
        } else {
            boolean unused = patience.read(received, () -> {
                below.awaitReceivable();
                return true;
            });
        }
    }

    @Override
    public final void send(ByteBuffer source) throws IOException {
        below.send(source);
    }

    @Override
    public final void sendEof() throws IOException {
        below.sendEof();
    }

    @Override
    public final <T> Optional<T> find(Attribute<T> attribute) {
        return below.find(attribute);
    }

    @Override
    public void close() throws IOException {
        below.close();
    }

    @Override
    public final String toString() {
        return below.toString();
    }
}

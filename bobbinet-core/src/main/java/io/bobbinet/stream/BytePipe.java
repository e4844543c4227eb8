package io.bobbinet.stream;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One direction between two memory streams: a ring of bytes with a sending and a receiving side.
 *
 * <p>One thread sends and one receives, which the guards see to; either side may be closed by any thread. All state is
 * changed under the lock of this object, and whoever changes it signals the side that may wait for it; nobody waits with
 * the lock held.
 */
final class BytePipe {
    private static final byte[] NONE = {};

    private final String sender;
    private final String receiver;
    private final int capacity;
    private final ResourceGuard sending = new ResourceGuard("sending to");
    private final ResourceGuard receiving = new ResourceGuard("receiving from");
    private final WaitPoint readable = new WaitPoint("receive");
    private final WaitPoint writable = new WaitPoint("send");

    /** Made with the first byte; guarded by this. */
    private byte[] ring = NONE;

    /** Where the oldest byte is; guarded by this. */
    private int head;

    /** How many bytes are on their way; guarded by this. */
    private int size;

    /** How many bytes of the send that is running or was cut off went out; guarded by this. */
    private int partial;

    /** Of how many; guarded by this. */
    private int partialOf;

    /** Whether a send was cut off after its first byte; guarded by this. */
    private boolean cutOff;

    /** Whether the sender has ended its sending in an orderly way; guarded by this. */
    private boolean ended;

    /** Guarded by this. */
    private boolean senderClosed;

    /** Guarded by this. */
    private boolean receiverClosed;

    BytePipe(String sender, String receiver, int capacity) {
        this.sender = sender;
        this.receiver = receiver;
        this.capacity = capacity;
    }

    // -- the sender's side

    void send(ByteBuffer... sources) throws IOException {
        int total = ByteStreams.remaining(sources);
        refuseSend();
        sending.enter();
        try {
            CancelScope.checkpoint();
            writable.reset();
            while (!put(sources, total)) {
                writable.await();
            }
        } catch (InterruptedException e) {
            interrupted();
            throw CancelScope.interrupted(e);
        } finally {
            sending.exit();
        }
    }

    private synchronized void refuseSend() throws IOException {
        if (senderClosed) {
            throw new ClosedResourceException(sender + ": the stream is closed");
        }
        if (ended) {
            throw new ClosedResourceException(sender + ": the sending was ended");
        }
        if (cutOff) {
            throw new BrokenResourceException(
                    sender + ": an earlier send was cut off after " + partial + " of " + partialOf + " bytes");
        }
        if (receiverClosed) {
            throw new BrokenResourceException(sender + ": the peer, " + receiver + ", has closed the stream");
        }
    }

    /** Puts in what fits, and tells whether that was all. */
    private synchronized boolean put(ByteBuffer[] sources, int total) throws IOException {
        refuseSend();
        int before = size;
        boolean all = true;
        for (ByteBuffer source : sources) {
            fill(source);
            all &= !source.hasRemaining();
        }
        if (size > before) {
            readable.signal();
        }
        partial = all ? 0 : partial + size - before;
        partialOf = total;
        return all;
    }

    private void fill(ByteBuffer source) {
        if (ring.length == 0 && source.hasRemaining()) {
            ring = new byte[capacity];
        }
        while (source.hasRemaining() && size < capacity) {
            int tail = (int) (((long) head + size) % capacity);
            int count = Math.min(Math.min(source.remaining(), capacity - size), capacity - tail);
            source.get(ring, tail, count);
            size += count;
        }
    }

    /** A send is cancelled or interrupted: what has gone out cannot be taken back. */
    private synchronized void interrupted() {
        cutOff = partial > 0;
    }

    /** Whether sending fails because there is nobody to receive. */
    synchronized boolean isDeserted() {
        return receiverClosed;
    }

    void sendEof() throws IOException {
        refuseEof();
        sending.enter();
        try {
            CancelScope.checkpoint();
            synchronized (this) {
                refuseEof();
                ended = true;
            }
            readable.signal();
        } finally {
            sending.exit();
        }
    }

    /** An end is idempotent, and no failure towards a peer that does not listen any more. */
    private synchronized void refuseEof() throws IOException {
        if (senderClosed || cutOff) {
            refuseSend();
        }
    }

    /** After this the receiver sees an end, or a failure if a send was cut off, by this call even. */
    void closeSender() {
        synchronized (this) {
            senderClosed = true;
        }
        readable.signal();
        writable.signal();
    }

    // -- the receiver's side

    int receive(ByteBuffer target) throws IOException {
        refuseReceive();
        receiving.enter();
        try {
            awaitNews();
            synchronized (this) {
                int count = Math.min(target.remaining(), available());
                int first = Math.min(count, ring.length - head);
                target.put(ring, head, first);
                target.put(ring, 0, count - first);
                taken(count);
                return count;
            }
        } finally {
            receiving.exit();
        }
    }

    byte[] receive(int max) throws IOException {
        refuseReceive();
        receiving.enter();
        try {
            awaitNews();
            synchronized (this) {
                byte[] bytes = new byte[Math.min(max, available())];
                int first = Math.min(bytes.length, ring.length - head);
                System.arraycopy(ring, head, bytes, 0, first);
                System.arraycopy(ring, 0, bytes, first, bytes.length - first);
                taken(bytes.length);
                return bytes;
            }
        } finally {
            receiving.exit();
        }
    }

    void awaitReceivable() throws IOException {
        refuseReceive();
        receiving.enter();
        try {
            awaitNews();
        } finally {
            receiving.exit();
        }
    }

    private synchronized void refuseReceive() throws IOException {
        if (receiverClosed) {
            throw new ClosedResourceException(receiver + ": the stream is closed");
        }
    }

    private void awaitNews() throws IOException {
        CancelScope.checkpoint();
        readable.reset();
        try {
            while (!hasNews()) {
                readable.await();
            }
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        }
    }

    private synchronized boolean hasNews() throws IOException {
        refuseReceive();
        return size > 0 || ended || senderClosed;
    }

    /** How many bytes there are to take; never none. */
    private int available() throws IOException {
        refuseReceive();
        if (size > 0) {
            return size;
        }
        if (partial > 0) {
            throw new BrokenResourceException(receiver + ": the peer, " + sender + ", broke off after " + partial
                    + " of " + partialOf + " bytes of a send");
        }
        throw new EndOfStreamException(receiver + ": the peer, " + sender + ", has ended the stream");
    }

    private void taken(int count) {
        head = (head + count) % capacity;
        size -= count;
        writable.signal();
    }

    /** After this the sender sees that nobody receives any more; what was on its way is dropped. */
    void closeReceiver() {
        synchronized (this) {
            receiverClosed = true;
            ring = NONE;
            size = 0;
        }
        readable.signal();
        writable.signal();
    }
}

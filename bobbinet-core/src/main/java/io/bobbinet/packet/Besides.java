package io.bobbinet.packet;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.stream.ClosedResourceException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What came beside the bytes of a stream and was not asked for yet, by the positions of those bytes.
 *
 * <p><b>Descriptors.</b> What one {@code recvmsg} gives ends inside or right behind the message that they were sent with, never
 * behind it. So they belong to the packet that its last byte is part of.
 *
 * <p><b>Credentials</b> are those of all bytes of a {@code recvmsg}: it ends where those of the next bytes are others.
 *
 * <p>The receiving thread adds and takes, any may close; what is added after that is closed at once.
 */
final class Besides {
    /** No message has more descriptors, and no packet gets more: a peer must not exhaust those of this process. */
    private static final int MOST = 253;

    /** There may be those of a packet, and those of the beginning of the next, which came in the same read. */
    private static final int MOST_WAITING = 2 * MOST;

    /** In order. Guarded by this. */
    private final Deque<Passed> descriptors = new ArrayDeque<>();

    /** In order, neighbours being different or apart. Guarded by this. */
    private final Deque<Stretch> credentials = new ArrayDeque<>();

    /** Where descriptors or credentials were first lost, and nobody was told; 0 if they were not. Guarded by this. */
    private long firstLoss;

    /** Where they were last lost; if there are several packets, it is the next one's. Guarded by this. */
    private long lastLoss;

    /** Guarded by this. */
    private boolean closed;

    /**
     * A descriptor.
     *
     * @param end the position behind the bytes that it was received with
     */
    private record Passed(long end, Descriptor descriptor) {}

    /** Bytes that were sent by one process. */
    private record Stretch(long begin, long end, UnixCredentials sender) {}

    /** Adds what came beside bytes. */
    synchronized void add(long begin, long end, UnixMessage message) {
        boolean lost = message.isControlTruncated();
        for (Descriptor descriptor : message.descriptors()) {
            boolean room = descriptors.size() < MOST_WAITING;
            if (room && !closed) {
                descriptors.add(new Passed(end, descriptor));
            } else {
                discard(descriptor);
            }
            lost |= !room;
        }
        for (UnixCredentials sender : message.credentials()) {
            lost |= !add(begin, end, sender);
        }
        if (lost) {
            firstLoss = firstLoss == 0 ? end : firstLoss;
            lastLoss = end;
        }
    }

    private boolean add(long begin, long end, UnixCredentials sender) {
        Stretch last = credentials.peekLast();
        if (last != null && last.end == begin && last.sender.equals(sender)) {
            credentials.removeLast();
            return credentials.add(new Stretch(last.begin, end, sender));
        }
        return credentials.size() < MOST_WAITING && credentials.add(new Stretch(begin, end, sender));
    }

    /** Makes a message of a packet and of what came beside its bytes, the first that are left here. */
    synchronized <R> PacketMessage<R> messageOf(R packet, long end) throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("The client was closed, and what came beside a packet with it");
        }
        boolean lost = takeLoss(end);
        List<Descriptor> taken = new ArrayList<>();
        for (Passed first = descriptors.peek(); first != null && first.end <= end; first = descriptors.peek()) {
            descriptors.remove();
            if (taken.size() < MOST) {
                taken.add(first.descriptor);
            } else {
                discard(first.descriptor);
                lost = true;
            }
        }
        List<UnixCredentials> senders = credentials.stream()
                .filter(stretch -> stretch.begin < end)
                .map(Stretch::sender)
                .distinct()
                .toList();
        forgetSendersUntil(end);
        return new PacketMessage<>(packet, taken, senders, lost);
    }

    private boolean takeLoss(long end) {
        if (firstLoss == 0 || firstLoss > end) {
            return false;
        }
        firstLoss = lastLoss > end ? lastLoss : 0;
        return true;
    }

    private void forgetSendersUntil(long position) {
        while (!credentials.isEmpty() && credentials.element().end <= position) {
            credentials.remove();
        }
    }

    /** Discards what came beside bytes that are of no message. */
    synchronized void discardUntil(long position) {
        boolean unused = takeLoss(position);
        while (!descriptors.isEmpty() && descriptors.element().end <= position) {
            discard(descriptors.remove().descriptor);
        }
        forgetSendersUntil(position);
    }

    synchronized void close() {
        closed = true;
        discardUntil(Long.MAX_VALUE);
    }

    /** The bytes that it came with are received all the same. */
    private static void discard(Descriptor descriptor) {
        try {
            descriptor.close();
        } catch (IOException e) {
            // It is gone, and nobody was to have it.
        }
    }
}

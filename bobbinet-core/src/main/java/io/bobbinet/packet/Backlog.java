package io.bobbinet.packet;

import io.bobbinet.packet.Conversation.Arrived;

/** How much waits for the handlers of a datagram server altogether: anyone can send, under as many names as they like. */
final class Backlog {
    /** Guarded by this. */
    private long bytes;

    /** Guarded by this. */
    private int descriptors;

    /** Takes in a datagram that waits for the handler of its conversation, or not. */
    synchronized boolean offer(Arrived<?> datagram) {
        return bytes + bytesOf(datagram) <= DatagramServer.MOST_BYTES_WAITING && begin(datagram);
    }

    /**
     * Takes in a datagram that begins a conversation, or not. There are no more of these than peers, so that their bytes are
     * no reason to refuse one: nobody is kept out by what others have sent.
     */
    synchronized boolean begin(Arrived<?> datagram) {
        int further = descriptorsOf(datagram);
        if (further > 0 && descriptors + further > DatagramServer.MOST_DESCRIPTORS_WAITING) {
            return false;
        }
        descriptors += further;
        bytes += bytesOf(datagram);
        return true;
    }

    /** A datagram that was taken in waits no longer. */
    synchronized void leave(Arrived<?> datagram) {
        bytes -= bytesOf(datagram);
        descriptors -= descriptorsOf(datagram);
    }

    private static int bytesOf(Arrived<?> datagram) {
        return datagram.datagram().data().length;
    }

    private static int descriptorsOf(Arrived<?> datagram) {
        return datagram.beside().isPresent()
                ? datagram.beside().get().descriptors().size()
                : 0;
    }
}

package io.bobbinet.packet.codec;

import io.bobbinet.packet.MalformedPacketException;

/** How large packets may be. */
final class Limit {
    static final int DEFAULT = 65_536;

    private Limit() {}

    static int checked(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("The limit of a packet is at least 1 byte, not " + bytes);
        }
        return bytes;
    }

    /** Refuses a packet that is to be sent. */
    static void checkSent(long size, int limit, Object codec) {
        if (size > limit) {
            throw new IllegalArgumentException(codec + ": a packet of " + size + " bytes is longer than " + limit);
        }
    }

    /** Refuses a packet that was received, and consumed. */
    static void checkReceived(long size, int limit, Object codec) throws MalformedPacketException {
        if (size > limit) {
            throw new MalformedPacketException(codec.toString(), exceeded(size, limit));
        }
    }

    static String exceeded(long size, int limit) {
        return "a packet of " + size + " bytes is longer than " + limit;
    }
}

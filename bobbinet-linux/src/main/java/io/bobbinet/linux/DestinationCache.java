package io.bobbinet.linux;

import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Addresses that were encoded before. Each has one place, which the next of the same hash takes over. */
final class DestinationCache {
    private static final int SIZE = 256;

    /** Of the sockets that the addresses were encoded for. */
    private int family;

    private @Nullable Destination[] entries = new Destination[SIZE];

    Destination encode(SocketAddress address, int socketFamily) throws IOException {
        if (socketFamily != family) {
            entries = new Destination[SIZE];
            family = socketFamily;
        }
        int place = (address.hashCode() * 0x9e3779b9 >>> 16) & (SIZE - 1);
        Destination entry = entries[place];
        if (entry == null || !entry.isFor(address)) {
            entry = Destination.of(address, socketFamily);
            entries[place] = entry;
        }
        return entry;
    }
}

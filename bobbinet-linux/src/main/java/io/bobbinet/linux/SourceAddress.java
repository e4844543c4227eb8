package io.bobbinet.linux;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where the address of a sender is put, and what it was decoded to: often it is the same as before. Used by one thread at a time. */
final class SourceAddress {
    /** For the system to write to. */
    final byte[] bytes = new byte[SocketAddresses.LONGEST];

    /** Its one element is the size of the array before a call, and that of the address after it. */
    final int[] length = new int[1];

    private byte[] known = {};
    private @Nullable SocketAddress decoded;

    /** To be called before each call that receives. */
    void reset() {
        length[0] = bytes.length;
    }

    SocketAddress decode() throws IOException {
        int size = Math.min(length[0], bytes.length);
        SocketAddress address = decoded;
        if (address == null || !Arrays.equals(bytes, 0, size, known, 0, known.length)) {
            address = SocketAddresses.decode(bytes, size);
            known = Arrays.copyOf(bytes, size);
            decoded = address;
        }
        return address;
    }
}

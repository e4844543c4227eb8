package io.bobbinet.packet.codec;

import io.bobbinet.packet.Codec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** The bytes of a packet in memory, to be looked at before they go out. */
final class PacketBytes extends ByteArrayOutputStream {
    private static final int FIRST_SIZE = 512;

    PacketBytes() {
        super(FIRST_SIZE);
    }

    static <T> PacketBytes of(Codec<T> codec, T packet) throws IOException {
        PacketBytes bytes = new PacketBytes();
        codec.encode(packet, bytes);
        return bytes;
    }

    /** What holds the bytes, from its beginning; gone with the next write. */
    byte[] array() {
        return buf;
    }
}

package io.bobbinet.tests.packet;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Bytes behind their number, which has four bytes.
 *
 * @param limit how many there may be
 */
record BlockCodec(int limit) implements FramedCodec<byte[]> {
    static final BlockCodec BLOCKS = new BlockCodec(1 << 20);

    @Override
    public void encodeFrame(byte[] packet, OutputStream target) throws IOException {
        target.write(ByteBuffer.allocate(4).putInt(packet.length).array());
        target.write(packet);
    }

    @Override
    public byte[] decodeFrame(BufferedReceiveStream stream) throws IOException {
        int length = ByteBuffer.wrap(stream.receiveExactly(4)).getInt();
        if (length < 0) {
            throw MalformedPacketException.unrecoverable(toString(), "the length " + length + " is none");
        }
        if (length > limit) {
            throw MalformedPacketException.skipping(length, toString(), "a block is longer than " + limit + " bytes");
        }
        return stream.receiveExactly(length);
    }

    @Override
    public String toString() {
        return "blocks of tests";
    }
}

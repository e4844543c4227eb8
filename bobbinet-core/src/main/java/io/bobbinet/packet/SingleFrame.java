package io.bobbinet.packet;

import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.EndOfStreamException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes in memory that are to be one frame. */
final class SingleFrame implements ByteReceiveStream {
    private final ByteBuffer data;

    private SingleFrame(byte[] data) {
        this.data = ByteBuffer.wrap(data);
    }

    static <T> T decode(FramedCodec<T> codec, byte[] data) throws IOException {
        SingleFrame source = new SingleFrame(data);
        BufferedReceiveStream stream = BufferedReceiveStream.over(source);
        T packet;
        try {
            codec.skipGap(stream);
            packet = codec.decodeFrame(stream);
        } catch (EOFException e) {
            throw new MalformedPacketException(
                    codec.toString(), "the packet is longer than its " + data.length + " bytes", e);
        } catch (MalformedPacketException e) {
            throw e.ofWholePacket();
        }
        int surplus = stream.buffered() + source.data.remaining();
        if (surplus > 0) {
            throw new MalformedPacketException(
                    codec.toString(), surplus + " bytes of " + data.length + " are left behind the packet");
        }
        return packet;
    }

    @Override
    public int receive(ByteBuffer target) throws EndOfStreamException {
        int count = Math.min(target.remaining(), data.remaining());
        if (count == 0) {
            throw new EndOfStreamException("There are " + data.limit() + " bytes");
        }
        target.put(data.slice(data.position(), count));
        data.position(data.position() + count);
        return count;
    }

    /** {@inheritDoc} Not by way of an array of as many as are asked for, which are far more than there are. */
    @Override
    public byte[] receive(int max) throws EndOfStreamException {
        byte[] bytes = new byte[Math.min(max, data.remaining())];
        if (bytes.length == 0) {
            throw new EndOfStreamException("There are " + data.limit() + " bytes");
        }
        data.get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        // There is nothing to release.
    }
}

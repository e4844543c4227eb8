package io.bobbinet.packet.codec;

import io.bobbinet.packet.Codec;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Packets that are bytes and nothing else: a datagram as it is, or the content of a frame.
 *
 * {@snippet file="CodecExamples.java" region="bytes"}
 *
 * <p>Immutable; serves any number of threads.
 */
public final class Bytes implements Codec<byte[]> {
    private static final Bytes RAW = new Bytes(Limit.DEFAULT);

    private final int limit;

    private Bytes(int limit) {
        this.limit = limit;
    }

    /** {@return packets of at most 65,536 bytes} */
    public static Bytes raw() {
        return RAW;
    }

    /**
     * {@return the same with another limit}
     *
     * @param bytes how many bytes a packet has at most
     * @throws IllegalArgumentException if it is less than 1
     */
    public Bytes withLimit(int bytes) {
        return new Bytes(Limit.checked(bytes));
    }

    @Override
    public void encode(byte[] packet, OutputStream target) throws IOException {
        Limit.checkSent(packet.length, limit, this);
        target.write(packet);
    }

    @Override
    public byte[] decode(byte[] data) throws IOException {
        Limit.checkReceived(data.length, limit, this);
        return data;
    }

    @Override
    public String toString() {
        return "bytes";
    }
}

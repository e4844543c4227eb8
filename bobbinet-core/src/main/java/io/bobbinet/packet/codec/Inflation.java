package io.bobbinet.packet.codec;

import io.bobbinet.packet.MalformedPacketException;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decompresses one packet, and takes no byte behind it. */
final class Inflation {
    static final int PIECE = 8192;

    /** How far behind its limit a packet is read to its end. */
    private static final int PATIENCE = 2;

    private final Window window;
    private final boolean gzip;
    private final int limit;
    private final Object codec;
    private final PacketBytes bytes = new PacketBytes();

    /** How many bytes the packet has so far, of which no more than the limit are stored. */
    private long size;

    Inflation(Window window, boolean gzip, int limit, Object codec) {
        this.window = window;
        this.gzip = gzip;
        this.limit = limit;
        this.codec = codec;
    }

    byte[] packet() throws IOException {
        if (gzip) {
            Gzip.readHeader(this);
        }
        try (Inflater inflater = new Inflater(gzip)) {
            inflate(inflater);
        } catch (DataFormatException e) {
            throw lost("the compressed bytes are damaged: " + e.getMessage());
        }
        byte[] packet = bytes.toByteArray();
        boolean damaged = gzip && !Gzip.isTrailerOf(packet, size, this);
        window.take();
        Limit.checkReceived(size, limit, codec);
        if (damaged) {
            throw new MalformedPacketException(codec.toString(), "the checksum is not that of the packet");
        }
        return packet;
    }

    private void inflate(Inflater inflater) throws IOException, DataFormatException {
        byte[] piece = new byte[Math.min(limit, PIECE)];
        while (!inflater.finished()) {
            if (inflater.needsInput()) {
                await();
                inflater.setInput(window.bytes(), window.position(), window.remaining());
            }
            int count = inflater.inflate(piece);
            if (count == 0 && inflater.needsDictionary()) {
                throw new DataFormatException("they need a dictionary");
            }
            window.advance(window.remaining() - inflater.getRemaining());
            add(piece, count);
        }
    }

    private void add(byte[] piece, int count) throws MalformedPacketException {
        size += count;
        if (size <= limit) {
            bytes.write(piece, 0, count);
        } else if (size > PATIENCE * (long) limit) {
            throw lost(Limit.exceeded(size, limit) + " by far, and more is to come");
        }
    }

    /** Reads the next byte of the packet. */
    int next() throws IOException {
        await();
        int next = window.bytes()[window.position()] & 0xff;
        window.advance(1);
        return next;
    }

    private void await() throws IOException {
        if (!window.await()) {
            throw lost("it does not end after " + window.count() + " compressed bytes");
        }
    }

    MalformedPacketException lost(String reason) {
        return MalformedPacketException.unrecoverable(codec.toString(), reason);
    }
}

package io.bobbinet.packet;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.EndSearch;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.task.CancelledException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Takes packets off a stream, each as one transaction, and remembers what is left to be discarded of a malformed one. For one
 * thread at a time.
 */
final class PacketReader<R> {
    private final BufferedReceiveStream stream;
    private final Source source;
    private final FramedCodec<R> codec;

    /** What is to be discarded before the next packet, itself included. */
    private byte @Nullable [] delimiter;

    /** What finds the end of what is to be discarded before the next packet. */
    private @Nullable EndSearch end;

    /** How many bytes are to be discarded before the next packet. */
    private long rest;

    /** Why no further packet can be found. */
    private @Nullable Exception lost;

    /** The last end of the stream that was met; read by any thread. */
    private volatile @Nullable EndOfStreamException told;

    PacketReader(BufferedReceiveStream stream, Source source, FramedCodec<R> codec) {
        this.stream = stream;
        this.source = source;
        this.codec = codec;
    }

    /** How many bytes of the stream belong to packets that were taken. */
    long position() {
        return source.received() - stream.buffered();
    }

    /**
     * Receives a packet.
     *
     * @param byIdleTimeout whether the idle timeout of a server counts, because the call has no limit of its own
     */
    R receive(boolean byIdleTimeout) throws IOException {
        checkNotLost();
        source.begin(byIdleTimeout);
        try {
            discardRest();
            source.gapBegins();
            skipGap();
            long begun = position();
            source.packetBegins(begun);
            source.passed(begun);
            return stream.<Outcome<R>, IOException>transact(this::decode).get(this, begun);
        } catch (EndOfStreamException e) {
            if (stream.buffered() > 0) {
                throw new IncompleteReadException(
                        "The stream ended after " + stream.buffered() + " bytes of a packet", e);
            }
            told = e;
            throw e;
        } catch (MalformedPacketException | PacketProtocolException e) {
            source.passed(position());
            throw e;
        }
    }

    /** Whether a receive has told the end of the stream by an exception. */
    boolean hasTold(EndOfStreamException e) {
        return Receiving.isOrPrecedes(e, told);
    }

    private void checkNotLost() throws BrokenResourceException {
        if (lost != null) {
            throw new BrokenResourceException(
                    (lost instanceof MalformedPacketException
                                    ? "After a malformed packet"
                                    : "After a crash of the codec")
                            + " nobody knows where the next packet begins",
                    lost);
        }
    }

    private void discardRest() throws IOException {
        try {
            discard();
        } catch (EndOfStreamException e) {
            throw new IncompleteReadException("The stream ended inside of a packet, the rest of which is discarded", e);
        }
    }

    private void discard() throws IOException {
        while (rest > 0) {
            rest -= stream.receive((int) Math.min(rest, source.atMost(Integer.MAX_VALUE))).length;
        }
        if (delimiter != null) {
            long unused = stream.skipPast(delimiter);
            delimiter = null;
        }
        if (end != null) {
            discardTo(end);
            end = null;
        }
    }

    private void discardTo(EndSearch search) throws IOException {
        try {
            stream.skipTo(search);
        } catch (MalformedPacketException e) {
            lost = e;
            checkNotLost();
        } catch (CancelledException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            throw lost("The codec " + codec + " crashed when it looked for the end of a packet", e);
        }
    }

    private void skipGap() throws IOException {
        try {
            codec.skipGap(stream);
        } catch (MalformedPacketException e) {
            throw lost("The codec " + codec + " found a malformed packet between two packets", e);
        } catch (IOException | CancelledException | OutOfMemoryError e) {
            throw e;
        } catch (Throwable t) {
            throw lost("The codec " + codec + " crashed between two packets", t);
        }
    }

    /** The exception after which nobody knows where the next packet begins. */
    private PacketProtocolException lost(String message, Throwable crash) {
        PacketProtocolException crashed = new PacketProtocolException(message, crash).lost();
        lost = crashed;
        return crashed;
    }

    /** What a transaction that took bytes for good has ended with. */
    private record Outcome<R>(
            @Nullable R packet,
            @Nullable MalformedPacketException bad,
            @Nullable Throwable crash) {
        R get(PacketReader<R> reader, long begun) throws MalformedPacketException {
            if (bad != null) {
                throw reader.malformed(bad, begun);
            }
            if (crash instanceof PacketProtocolException known && known.isBehindFrame()) {
                throw known;
            }
            if (packet == null) {
                throw reader.lost(
                        PacketDecoding.crash(reader.codec),
                        crash == null ? new NullPointerException("the packet is null") : crash);
            }
            return packet;
        }
    }

    private Outcome<R> decode() throws IOException {
        try {
            return new Outcome<>(codec.decodeFrame(stream), null, null);
        } catch (MalformedPacketException e) {
            return new Outcome<>(null, e, null);
        } catch (IOException | CancelledException | OutOfMemoryError | InternalError e) {
            throw e; // and all is as it was
        } catch (Throwable t) {
            return new Outcome<>(null, null, t);
        }
    }

    private MalformedPacketException malformed(MalformedPacketException e, long begun) {
        long consumed = position() - begun;
        delimiter = e.delimiter();
        end = e.end();
        rest = e.rest();
        if (rest < 0 || consumed == 0 && rest == 0 && delimiter == null && end == null) {
            lost = e; // one that takes nothing would come for ever
        }
        return e.after(consumed, lost == null);
    }
}

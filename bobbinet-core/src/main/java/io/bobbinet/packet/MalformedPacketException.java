package io.bobbinet.packet;

import io.bobbinet.stream.EndSearch;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What came is no packet. It was consumed, and the next receive gives the packet after it; unless
 * {@link #isRecoverable()} tells that nobody can know where that begins.
 */
public final class MalformedPacketException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The name of the codec. */
    private final String codec;

    /** What is wrong. */
    private final String reason;

    /** What ends the packet, if that is still to come. */
    private final transient byte @Nullable [] delimiter;

    /** What finds the end of the packet, if that is still to come. */
    private final transient @Nullable EndSearch end;

    /** How many bytes of the packet are still to come; less than none if nobody knows. */
    private final long rest;

    /** Set once, by whoever has seen how much was taken; less than none before. */
    private long consumed = -1;

    /** Whether the next packet can be received. */
    private boolean recoverable;

    /**
     * For a packet that the codec has taken from the stream: the next one begins behind it.
     *
     * @param codec the name of the codec
     * @param reason what is wrong
     */
    public MalformedPacketException(String codec, String reason) {
        this(codec, reason, null, null, 0, null);
    }

    /**
     * For a packet that the codec has taken from the stream: the next one begins behind it.
     *
     * @param codec the name of the codec
     * @param reason what is wrong
     * @param cause what told it
     */
    public MalformedPacketException(String codec, String reason, Throwable cause) {
        this(codec, reason, null, null, 0, Objects.requireNonNull(cause, "cause"));
    }

    private MalformedPacketException(
            String codec,
            String reason,
            byte @Nullable [] delimiter,
            @Nullable EndSearch end,
            long rest,
            @Nullable Throwable cause) {
        super(codec + ": " + reason, cause);
        this.codec = Objects.requireNonNull(codec, "codec");
        this.reason = Objects.requireNonNull(reason, "reason");
        this.delimiter = delimiter;
        this.end = end;
        this.rest = rest;
        this.recoverable = rest >= 0;
    }

    /**
     * Makes an exception for a packet that is not taken as a whole, because it is too long: what is left of it is discarded,
     * while it comes and without being stored, up to and with a delimiter. The next packet begins there.
     *
     * @param codec the name of the codec
     * @param reason what is wrong
     * @param delimiter what ends the packet; at least one byte
     * @return the exception
     */
    public static MalformedPacketException upTo(byte[] delimiter, String codec, String reason) {
        if (delimiter.length == 0) {
            throw new IllegalArgumentException("The delimiter is empty");
        }
        return new MalformedPacketException(codec, reason, delimiter.clone(), null, 0, null);
    }

    /**
     * Makes an exception for a packet that is not taken as a whole, because it is too long: what is left of it is discarded,
     * while it comes and without being stored, up to the end that a search finds. The next packet begins there. If the search
     * throws a {@code MalformedPacketException}, no further packet can be received.
     *
     * @param end looks for the end, in what the codec has not taken yet; not to be used by anybody else
     * @param codec the name of the codec
     * @param reason what is wrong
     * @return the exception
     */
    public static MalformedPacketException upTo(EndSearch end, String codec, String reason) {
        return new MalformedPacketException(codec, reason, null, Objects.requireNonNull(end, "end"), 0, null);
    }

    /**
     * Makes an exception for a packet that is not taken as a whole, because it is too long: a number of bytes is discarded,
     * while they come and without being stored. The next packet begins behind them.
     *
     * @param bytes how many bytes there still are of the packet
     * @param codec the name of the codec
     * @param reason what is wrong
     * @return the exception
     * @throws IllegalArgumentException if the number is negative
     */
    public static MalformedPacketException skipping(long bytes, String codec, String reason) {
        if (bytes < 0) {
            throw new IllegalArgumentException("A number of bytes is not negative: " + bytes);
        }
        return new MalformedPacketException(codec, reason, null, null, bytes, null);
    }

    /**
     * Makes an exception for bytes after which nobody can know where a packet begins. Nothing more is received from the stream.
     *
     * @param codec the name of the codec
     * @param reason what is wrong
     * @return the exception
     */
    public static MalformedPacketException unrecoverable(String codec, String reason) {
        return new MalformedPacketException(codec, reason, null, null, -1, null);
    }

    /**
     * Makes an exception for bytes after which nobody can know where a packet begins. Nothing more is received from the stream.
     *
     * @param codec the name of the codec
     * @param reason what is wrong
     * @param cause what told it
     * @return the exception
     */
    public static MalformedPacketException unrecoverable(String codec, String reason, Throwable cause) {
        return new MalformedPacketException(codec, reason, null, null, -1, Objects.requireNonNull(cause, "cause"));
    }

    /** {@return the name of the codec} */
    public String codec() {
        return codec;
    }

    /** {@return what is wrong with the packet} */
    public String reason() {
        return reason;
    }

    /**
     * {@return how many bytes the packet had; of one that was too long, how many have been taken so far} 0 if that is not known,
     * because the packet was not received by a client.
     */
    public long consumed() {
        return Math.max(consumed, 0);
    }

    /** {@return whether the next packet can be received} Of a datagram, always. */
    public boolean isRecoverable() {
        return recoverable;
    }

    /** What is to be discarded, itself included, before the next packet begins; null if there is no such thing. */
    byte @Nullable [] delimiter() {
        return delimiter;
    }

    /** What finds the end of what is to be discarded before the next packet begins; null if there is no such thing. */
    @Nullable
    EndSearch end() {
        return end;
    }

    /** How many bytes are to be discarded before the next packet begins; less than none if nobody knows. */
    long rest() {
        return rest;
    }

    /** The same for a packet that lies in memory as a whole, so that nothing of it is still to come, wherever it is from. */
    MalformedPacketException ofWholePacket() {
        return delimiter == null && end == null && rest == 0 ? this : new MalformedPacketException(codec, reason, this);
    }

    /** Notes how much was taken, and whether the next packet can be received. */
    MalformedPacketException after(long bytes, boolean canGoOn) {
        if (consumed < 0) {
            consumed = bytes;
            recoverable = canGoOn;
        }
        return this;
    }
}

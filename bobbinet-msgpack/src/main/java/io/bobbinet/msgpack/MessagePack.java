package io.bobbinet.msgpack;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import org.msgpack.value.Value;

/**
 * Packets as MessagePack values, of the classes that the library msgpack-core has for them; what is received is immutable. A value
 * tells where it ends: nothing comes between two of them. {@link FramedCodec#converted} makes objects of the values.
 *
 * {@snippet file="MessagePackExamples.java" region="msgpack"}
 *
 * <p>A value has at most 65,536 bytes, unless {@linkplain #withLimit another limit} is set: a longer one is not sent, and one that
 * comes is malformed and discarded as it comes. Text must be UTF-8, and arrays and maps are nested at most 500 levels deep. After
 * a malformed packet comes the next value; but behind the byte 0xc1, which MessagePack does not use, nobody can know where the
 * next value begins, and the stream is given up.
 *
 * <p>Numbers are sent in their shortest form, but floating-point numbers always with 64 bits. A key of a map may be any value,
 * and a key that comes twice is there twice.
 *
 * <p>Immutable; one is used by any number of connections and threads.
 */
public final class MessagePack implements FramedCodec<Value> {
    private static final int DEFAULT_LIMIT = 65_536;

    private final int limit;

    private MessagePack(int limit) {
        this.limit = limit;
    }

    /**
     * {@return a codec of values}
     */
    public static MessagePack of() {
        return new MessagePack(DEFAULT_LIMIT);
    }

    /**
     * {@return the same codec with a limit of how many bytes a value has}
     *
     * @param bytes the limit
     * @throws IllegalArgumentException if it is less than 1
     */
    public MessagePack withLimit(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("A value has at least 1 byte, so that is the least limit, not " + bytes);
        }
        return new MessagePack(bytes);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the value is longer than the limit or too deep, or has a number that is too large for
     *     MessagePack
     */
    @Override
    public void encodeFrame(Value packet, OutputStream target) throws IOException {
        Objects.requireNonNull(packet, "packet");
        new ValueWriter(target, limit, this).write(packet);
    }

    @Override
    public Value decode(byte[] data) throws MalformedPacketException {
        if (data.length > limit) {
            throw new MalformedPacketException(
                    toString(), "it has " + data.length + " bytes, and at most " + limit + " are allowed");
        }
        int length = data.length == 0 ? 0 : new ValueEnd(this).find(data, 0, data.length);
        if (data.length == 0 || length != data.length) {
            throw new MalformedPacketException(
                    toString(),
                    length <= 0
                            ? "the value is longer than its " + data.length + " bytes"
                            : (data.length - length) + " bytes of " + data.length + " are left behind the value");
        }
        return new ValueReader(data, this).read();
    }

    @Override
    public Value decodeFrame(BufferedReceiveStream stream) throws IOException {
        ValueEnd end = new ValueEnd(this);
        byte[] value;
        try {
            value = stream.receiveTo(end, limit);
        } catch (DelimiterNotFoundException e) {
            byte[] unused = stream.receiveExactly(limit + 1);
            throw MalformedPacketException.upTo(end, toString(), "the value is longer than " + limit + " bytes");
        }
        return FramedCodec.decodeContent(this, () -> new ValueReader(value, this).read());
    }

    /** {@return what it is, for messages} */
    @Override
    public String toString() {
        return "MessagePack";
    }
}

package io.bobbinet.msgpack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.packet.MalformedPacketException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

/**
 * Makes a value of its bytes, of which it is known that they are all there and end where the value does. MessageUnpacker of
 * msgpack-core is not used: it is made on {@code sun.misc.Unsafe}, of which the JDK warns on standard error and which it will lose.
 */
final class ValueReader {
    static final int MOST_LEVELS = 500;

    static final byte TIMESTAMP = -1;

    /** Of a time in eight bytes; the others are nanoseconds. */
    static final int SECOND_BITS = 34;

    private static final int MOST_NANOSECONDS = 999_999_999;

    private final ByteBuffer bytes;
    private final Object codec;
    private int level;

    ValueReader(byte[] data, Object codec) {
        this.bytes = ByteBuffer.wrap(data);
        this.codec = codec;
    }

    Value read() throws MalformedPacketException {
        byte first = bytes.get();
        Format format = Format.of(first);
        return switch (format) {
            case POSITIVE_FIXINT, NEGATIVE_FIXINT -> ValueFactory.newInteger(first);
            case UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> integer(format);
            case NIL, NEVER_USED -> ValueFactory.newNil();
            case FALSE -> ValueFactory.newBoolean(false);
            case TRUE -> ValueFactory.newBoolean(true);
            case FLOAT32 -> ValueFactory.newFloat(bytes.getFloat());
            case FLOAT64 -> ValueFactory.newFloat(bytes.getDouble());
            case FIXSTR, STR8, STR16, STR32 -> ValueFactory.newString(text(length(format, first)));
            case BIN8, BIN16, BIN32 -> ValueFactory.newBinary(take(length(format, first)), true);
            case FIXARRAY, ARRAY16, ARRAY32 -> ValueFactory.newArray(values(length(format, first)), true);
            case FIXMAP, MAP16, MAP32 -> ValueFactory.newMap(values(2 * length(format, first)), true);
            case EXT8, EXT16, EXT32, FIXEXT1, FIXEXT2, FIXEXT4, FIXEXT8, FIXEXT16 -> extension(length(format, first));
        };
    }

    private int length(Format format, byte first) {
        return switch (format.lengthBytes()) {
            case 0 -> format.length(first);
            case 1 -> Byte.toUnsignedInt(bytes.get());
            case 2 -> Short.toUnsignedInt(bytes.getShort());
            default -> bytes.getInt();
        };
    }

    private byte[] take(int count) {
        byte[] taken = new byte[count];
        bytes.get(taken);
        return taken;
    }

    private Value integer(Format format) {
        return switch (format) {
            case UINT8 -> ValueFactory.newInteger(Byte.toUnsignedInt(bytes.get()));
            case UINT16 -> ValueFactory.newInteger(Short.toUnsignedInt(bytes.getShort()));
            case UINT32 -> ValueFactory.newInteger(Integer.toUnsignedLong(bytes.getInt()));
            case UINT64 -> unsigned(bytes.getLong());
            case INT8 -> ValueFactory.newInteger(bytes.get());
            case INT16 -> ValueFactory.newInteger(bytes.getShort());
            case INT32 -> ValueFactory.newInteger(bytes.getInt());
            default -> ValueFactory.newInteger(bytes.getLong());
        };
    }

    private static Value unsigned(long value) {
        return value >= 0
                ? ValueFactory.newInteger(value)
                : ValueFactory.newInteger(new BigInteger(Long.toUnsignedString(value)));
    }

    private String text(int length) throws MalformedPacketException {
        ByteBuffer encoded = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        try {
            return UTF_8.newDecoder().decode(encoded).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedPacketException(codec.toString(), "a text is not UTF-8", e);
        }
    }

    private Value[] values(int count) throws MalformedPacketException {
        level++;
        if (level > MOST_LEVELS) {
            throw new MalformedPacketException(codec.toString(), "it has more than " + MOST_LEVELS + " levels");
        }
        Value[] values = new Value[count];
        for (int i = 0; i < count; i++) {
            values[i] = read();
        }
        level--;
        return values;
    }

    private Value extension(int length) throws MalformedPacketException {
        byte type = bytes.get();
        return type == TIMESTAMP ? timestamp(length) : ValueFactory.newExtension(type, take(length));
    }

    private Value timestamp(int length) throws MalformedPacketException {
        long seconds;
        int nanoseconds = 0;
        switch (length) {
            case 4 -> seconds = Integer.toUnsignedLong(bytes.getInt());
            case 8 -> {
                long both = bytes.getLong();
                nanoseconds = (int) (both >>> SECOND_BITS);
                seconds = both & (1L << SECOND_BITS) - 1;
            }
            case 12 -> {
                nanoseconds = bytes.getInt();
                seconds = bytes.getLong();
            }
            default -> throw new MalformedPacketException(codec.toString(), "a time has " + length + " bytes");
        }
        if (nanoseconds < 0 || nanoseconds > MOST_NANOSECONDS) {
            throw new MalformedPacketException(codec.toString(), "a time has more nanoseconds than a second");
        }
        try {
            return ValueFactory.newTimestamp(seconds, nanoseconds);
        } catch (DateTimeException e) {
            throw new MalformedPacketException(codec.toString(), "a time is too far away", e);
        }
    }
}

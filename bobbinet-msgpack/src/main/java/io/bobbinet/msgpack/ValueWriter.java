package io.bobbinet.msgpack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import org.msgpack.core.MessageStringCodingException;
import org.msgpack.value.ExtensionValue;
import org.msgpack.value.IntegerValue;
import org.msgpack.value.StringValue;
import org.msgpack.value.TimestampValue;
import org.msgpack.value.Value;

/** Writes a value, up to a limit of bytes. For MessagePacker the same holds as for the unpacker, see {@link ValueReader}. */
final class ValueWriter {
    private static final BigInteger UNSIGNED_END = BigInteger.ONE.shiftLeft(Long.SIZE);

    private final OutputStream target;
    private final Object codec;
    private final int limit;

    /** The head of a value: its first byte, and a length or number of at most eight. */
    private final ByteBuffer head = ByteBuffer.allocate(1 + Long.BYTES);

    private long count;
    private int level;

    ValueWriter(OutputStream target, int limit, Object codec) {
        this.target = target;
        this.limit = limit;
        this.codec = codec;
    }

    void write(Value value) throws IOException {
        switch (value.getValueType()) {
            case NIL -> send(begin(Format.NIL));
            case BOOLEAN -> send(begin(value.asBooleanValue().getBoolean() ? Format.TRUE : Format.FALSE));
            case INTEGER -> integer(value.asIntegerValue());
            case FLOAT ->
                send(begin(Format.FLOAT64).putDouble(value.asFloatValue().toDouble()));
            case STRING -> string(text(value.asStringValue()));
            case BINARY -> binary(value.asBinaryValue().asByteArray());
            case ARRAY -> array(value.asArrayValue());
            case MAP -> map(value.asMapValue().getKeyValueArray());
            case EXTENSION -> extension(value.asExtensionValue());
        }
    }

    // -- numbers

    private void integer(IntegerValue value) throws IOException {
        if (value.isInLongRange()) {
            send(value.asLong() < 0 ? negative(value.asLong()) : natural(value.asLong()));
            return;
        }
        BigInteger number = value.asBigInteger();
        if (number.signum() < 0 || number.compareTo(UNSIGNED_END) >= 0) {
            throw new IllegalArgumentException(codec + ": there are no numbers as large as " + number);
        }
        send(begin(Format.UINT64).putLong(number.longValue()));
    }

    private ByteBuffer natural(long number) {
        if (number < Format.FIXMAP.first()) {
            return head.clear().put((byte) number);
        } else if (number < 1L << Byte.SIZE) {
            return begin(Format.UINT8).put((byte) number);
        } else if (number < 1L << Short.SIZE) {
            return begin(Format.UINT16).putShort((short) number);
        } else if (number < 1L << Integer.SIZE) {
            return begin(Format.UINT32).putInt((int) number);
        }
        return begin(Format.UINT64).putLong(number);
    }

    private ByteBuffer negative(long number) {
        if (number >= (byte) Format.NEGATIVE_FIXINT.first()) {
            return head.clear().put((byte) number);
        } else if (number >= Byte.MIN_VALUE) {
            return begin(Format.INT8).put((byte) number);
        } else if (number >= Short.MIN_VALUE) {
            return begin(Format.INT16).putShort((short) number);
        } else if (number >= Integer.MIN_VALUE) {
            return begin(Format.INT32).putInt((int) number);
        }
        return begin(Format.INT64).putLong(number);
    }

    // -- bytes

    /** The text of a value that may have been made of any bytes. */
    private String text(StringValue value) {
        try {
            return value.asString();
        } catch (MessageStringCodingException e) {
            throw new IllegalArgumentException(codec + ": a text is not UTF-8", e);
        }
    }

    private void string(String text) throws IOException {
        ByteBuffer encoded;
        try {
            encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(codec + ": a text has half of a character", e);
        }
        int length = encoded.remaining();
        if (length <= Format.FIXSTR.mask()) {
            send(head.clear().put((byte) (Format.FIXSTR.first() | length)));
        } else {
            length(length, Format.STR8, Format.STR16, Format.STR32);
        }
        send(encoded.array(), length);
    }

    private void binary(byte[] bytes) throws IOException {
        length(bytes.length, Format.BIN8, Format.BIN16, Format.BIN32);
        send(bytes, bytes.length);
    }

    private void extension(ExtensionValue value) throws IOException {
        // A time's own getData() uses MessagePacker.
        byte[] data = value.isTimestampValue() ? timestamp(value.asTimestampValue()) : value.getData();
        switch (data.length) {
            case 1 -> send(begin(Format.FIXEXT1));
            case 2 -> send(begin(Format.FIXEXT2));
            case 4 -> send(begin(Format.FIXEXT4));
            case 8 -> send(begin(Format.FIXEXT8));
            case 16 -> send(begin(Format.FIXEXT16));
            default -> length(data.length, Format.EXT8, Format.EXT16, Format.EXT32);
        }
        send(head.clear().put(value.getType()));
        send(data, data.length);
    }

    /** A time in the shortest of its three forms. */
    private static byte[] timestamp(TimestampValue time) {
        long seconds = time.getEpochSecond();
        int nanoseconds = time.getNano();
        if (seconds >>> ValueReader.SECOND_BITS != 0) {
            return ByteBuffer.allocate(12).putInt(nanoseconds).putLong(seconds).array();
        }
        if (nanoseconds != 0 || seconds >>> Integer.SIZE != 0) {
            long both = (long) nanoseconds << ValueReader.SECOND_BITS | seconds;
            return ByteBuffer.allocate(8).putLong(both).array();
        }
        return ByteBuffer.allocate(4).putInt((int) seconds).array();
    }

    // -- values in values

    private void array(Iterable<Value> values) throws IOException {
        int size = 0;
        for (Value unused : values) {
            size++;
        }
        if (size <= Format.FIXARRAY.mask()) {
            send(head.clear().put((byte) (Format.FIXARRAY.first() | size)));
        } else {
            length(size, Format.ARRAY16, Format.ARRAY16, Format.ARRAY32);
        }
        all(values);
    }

    private void map(Value[] keysAndValues) throws IOException {
        int size = keysAndValues.length / 2;
        if (size <= Format.FIXMAP.mask()) {
            send(head.clear().put((byte) (Format.FIXMAP.first() | size)));
        } else {
            length(size, Format.MAP16, Format.MAP16, Format.MAP32);
        }
        all(Arrays.asList(keysAndValues));
    }

    private void all(Iterable<Value> values) throws IOException {
        level++;
        if (level > ValueReader.MOST_LEVELS) {
            throw new IllegalArgumentException(codec + ": it has more than " + ValueReader.MOST_LEVELS + " levels");
        }
        for (Value value : values) {
            write(value);
        }
        level--;
    }

    // -- the bytes themselves

    private ByteBuffer begin(Format format) {
        return head.clear().put((byte) format.first());
    }

    /** Writes the head of what has a length: of one byte if there is such a format, of two, or of four. */
    private void length(int length, Format shortest, Format medium, Format longest) throws IOException {
        if (length < 1 << Byte.SIZE && shortest.lengthBytes() == 1) {
            send(begin(shortest).put((byte) length));
        } else if (length < 1 << Short.SIZE) {
            send(begin(medium).putShort((short) length));
        } else {
            send(begin(longest).putInt(length));
        }
    }

    private void send(ByteBuffer headOfValue) throws IOException {
        send(headOfValue.array(), headOfValue.position());
    }

    private void send(byte[] bytes, int length) throws IOException {
        count += length;
        if (count > limit) {
            throw new IllegalArgumentException(codec + ": the value is longer than " + limit + " bytes");
        }
        target.write(bytes, 0, length);
    }
}

package io.bobbinet.packet.codec;

import io.bobbinet.packet.MalformedPacketException;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One field of a struct.
 *
 * @param name how the component of the record is called
 * @param size how many bytes it has
 * @param form how its value is written
 */
record StructField(String name, int size, Form form) {

    /** How a value is written. Reads and writes just as many bytes as the field has. */
    interface Form {
        void write(Object value, ByteBuffer target);

        Object read(ByteBuffer source) throws MalformedPacketException;
    }

    private interface Writer<V> {
        void write(V value, ByteBuffer target);
    }

    private interface Reader {
        Object read(ByteBuffer source) throws MalformedPacketException;
    }

    private static <V> Form form(Class<V> type, Writer<V> writer, Reader reader) {
        return new Form() {
            @Override
            public void write(Object value, ByteBuffer target) {
                writer.write(type.cast(value), target);
            }

            @Override
            public Object read(ByteBuffer source) throws MalformedPacketException {
                return reader.read(source);
            }
        };
    }

    static StructField of(RecordComponent component, StrictText text, String struct) {
        String field = struct + "." + component.getName();
        Struct.Size size = component.getAnnotation(Struct.Size.class);
        Class<?> type = component.getType();
        if (type == String.class || type == byte[].class) {
            int bytes = checkedSize(size, field);
            return new StructField(
                    component.getName(), bytes, type == String.class ? text(bytes, text, field) : bytes(bytes, field));
        }
        if (size != null) {
            throw new IllegalArgumentException(field + " has its own size, that of " + type.getSimpleName());
        }
        return primitive(component.getName(), type, field);
    }

    private static int checkedSize(Struct.Size size, String field) {
        if (size == null || size.value() < 1) {
            throw new IllegalArgumentException(
                    field + " needs a size of at least 1 byte: @Struct.Size(16), for instance");
        }
        return size.value();
    }

    private static StructField primitive(String name, Class<?> type, String field) {
        return switch (type.getName()) {
            case "byte" -> new StructField(name, 1, form(Byte.class, (v, to) -> to.put(v), ByteBuffer::get));
            case "short" ->
                new StructField(name, 2, form(Short.class, (v, to) -> to.putShort(v), ByteBuffer::getShort));
            case "char" ->
                new StructField(name, 2, form(Character.class, (v, to) -> to.putChar(v), ByteBuffer::getChar));
            case "int" -> new StructField(name, 4, form(Integer.class, (v, to) -> to.putInt(v), ByteBuffer::getInt));
            case "long" -> new StructField(name, 8, form(Long.class, (v, to) -> to.putLong(v), ByteBuffer::getLong));
            case "float" ->
                new StructField(name, 4, form(Float.class, (v, to) -> to.putFloat(v), ByteBuffer::getFloat));
            case "double" ->
                new StructField(name, 8, form(Double.class, (v, to) -> to.putDouble(v), ByteBuffer::getDouble));
            case "boolean" ->
                new StructField(
                        name,
                        1,
                        form(Boolean.class, (v, to) -> to.put((byte) (v ? 1 : 0)), from -> readBoolean(from, field)));
            default ->
                throw new IllegalArgumentException(
                        field + " is a " + type.getSimpleName() + "; primitives, String and byte[] are possible");
        };
    }

    private static boolean readBoolean(ByteBuffer source, String field) throws MalformedPacketException {
        byte value = source.get();
        if (value != 0 && value != 1) {
            throw new MalformedPacketException(field, "neither 0 nor 1 but " + value);
        }
        return value == 1;
    }

    private static Form bytes(int size, String field) {
        return form(
                byte[].class,
                (value, target) -> {
                    if (value.length != size) {
                        throw new IllegalArgumentException(field + " has " + size + " bytes, not " + value.length);
                    }
                    target.put(value);
                },
                source -> take(source, size));
    }

    private static byte[] take(ByteBuffer source, int size) {
        byte[] bytes = new byte[size];
        source.get(bytes);
        return bytes;
    }

    /** Text, with NULs behind it if it is shorter than its field. */
    private static Form text(int size, StrictText text, String field) {
        checkPadding(size, text, field);
        return form(
                String.class,
                (value, target) -> {
                    byte[] bytes = text.encode(value, field);
                    if (bytes.length > size || value.endsWith("\0")) {
                        throw new IllegalArgumentException(field + " has " + size
                                + " bytes, padded with NULs; the text does not fit: " + bytes.length + " bytes"
                                + (value.endsWith("\0") ? " that end with a NUL" : ""));
                    }
                    target.put(Arrays.copyOf(bytes, size));
                },
                source -> withoutPadding(text.decode(take(source, size), 0, size, field)));
    }

    private static void checkPadding(int size, StrictText text, String field) {
        try {
            if (withoutPadding(text.decode(new byte[size], 0, size, field)).isEmpty()) {
                return;
            }
        } catch (MalformedPacketException e) {
            throw new IllegalArgumentException(field + " cannot be padded with NULs to " + size + " bytes", e);
        }
        throw new IllegalArgumentException(field + " cannot be padded with NULs: they are text in " + text);
    }

    private static String withoutPadding(String text) {
        int length = text.length();
        while (length > 0 && text.charAt(length - 1) == '\0') {
            length--;
        }
        return text.substring(0, length);
    }
}

package io.bobbinet.packet.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Packets that are records of a fixed size: one field for each component, in their order and without gaps.
 *
 * {@snippet file="CodecExamples.java" region="struct"}
 *
 * <p>Components may be primitives, a {@code boolean} as a byte of 0 or 1; and text and arrays of bytes, whose
 * {@linkplain Size sizes} are to be given. Text is padded with NULs, which are taken off again; one that does not fit is refused,
 * and never cut. An array has exactly its size. Numbers are in network order, text in UTF-8, if not told otherwise.
 *
 * <p>A packet is malformed if a field has a value that cannot be, or if the record's constructor throws an
 * {@link IllegalArgumentException}.
 *
 * <p>Immutable; serves any number of threads.
 *
 * @param <T> the type of the packets
 */
public final class Struct<T extends Record> implements FramedCodec<T> {

    /** How many bytes a component has that is text or an array of bytes. */
    @Documented
    @Target(ElementType.RECORD_COMPONENT)
    @Retention(RetentionPolicy.RUNTIME)
    public @interface Size {
        /** {@return the number of bytes, at least 1} */
        int value();
    }

    private final Class<T> type;

    /** Makes a record of an array of its components. */
    private final MethodHandle constructor;

    /** Give the components. */
    private final List<MethodHandle> accessors;

    private final StrictText text;
    private final ByteOrder order;
    private final List<StructField> fields;
    private final int size;

    private Struct(
            Class<T> type, MethodHandle constructor, List<MethodHandle> accessors, StrictText text, ByteOrder order) {
        this.type = type;
        this.constructor = constructor;
        this.accessors = accessors;
        this.text = text;
        this.order = order;
        this.fields = Arrays.stream(type.getRecordComponents())
                .map(component -> StructField.of(component, text, type.getSimpleName()))
                .toList();
        this.size = fields.stream().mapToInt(StructField::size).reduce(0, Math::addExact);
    }

    /**
     * {@return records in network order and UTF-8}
     *
     * @param <T> the type of the packets
     * @param lookup may call the constructor and the accessors of the record: {@code MethodHandles.lookup()} where the record can
     *     be seen
     * @param type the record
     * @throws IllegalArgumentException if the lookup may not, if a component can be no field, or if there is none
     */
    public static <T extends Record> Struct<T> of(MethodHandles.Lookup lookup, Class<T> type) {
        RecordComponent[] components = type.getRecordComponents();
        if (components == null || components.length == 0) {
            throw new IllegalArgumentException(type.getName() + " is no record with components");
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        List<MethodHandle> accessors = new ArrayList<>();
        try {
            MethodHandle constructor = lookup.findConstructor(type, MethodType.methodType(void.class, types))
                    .asSpreader(Object[].class, types.length)
                    .asType(MethodType.methodType(Object.class, Object[].class));
            for (RecordComponent component : components) {
                accessors.add(lookup.findVirtual(type, component.getName(), MethodType.methodType(component.getType()))
                        .asType(MethodType.methodType(Object.class, Object.class)));
            }
            return new Struct<>(type, constructor, List.copyOf(accessors), new StrictText(UTF_8), ByteOrder.BIG_ENDIAN);
        } catch (NoSuchMethodException | IllegalAccessException e) {
            throw new IllegalArgumentException(
                    "The lookup of " + lookup.lookupClass().getName() + " has no access to " + type.getName(), e);
        }
    }

    /**
     * {@return the same in another byte order}
     *
     * @param newOrder the order of the bytes in numbers
     */
    public Struct<T> withOrder(ByteOrder newOrder) {
        return new Struct<>(type, constructor, accessors, text, Objects.requireNonNull(newOrder, "newOrder"));
    }

    /**
     * {@return the same with text in another charset}
     *
     * @param charset how text is encoded
     * @throws IllegalArgumentException if the charset cannot encode, or if a field cannot be padded with NULs in it
     */
    public Struct<T> withCharset(Charset charset) {
        return new Struct<>(type, constructor, accessors, new StrictText(charset), order);
    }

    /** {@return how many bytes a packet has} */
    public int size() {
        return size;
    }

    // -- sending

    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size).order(order);
        for (int i = 0; i < fields.size(); i++) {
            Object value = value(accessors.get(i), packet);
            if (value == null) {
                throw new IllegalArgumentException(this + ": " + fields.get(i).name() + " is null");
            }
            fields.get(i).form().write(value, bytes);
        }
        target.write(bytes.array());
    }

    private static Object value(MethodHandle accessor, Object packet) {
        try {
            return (Object) accessor.invokeExact(packet);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new UndeclaredThrowableException(t);
        }
    }

    // -- receiving

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        byte[] bytes = stream.receiveExactly(size);
        return FramedCodec.decodeContent(this, () -> decode(bytes));
    }

    @Override
    public T decode(byte[] data) throws IOException {
        if (data.length != size) {
            throw new MalformedPacketException(toString(), "a packet of " + data.length + " bytes, not " + size);
        }
        ByteBuffer bytes = ByteBuffer.wrap(data).order(order);
        Object[] values = new Object[fields.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = fields.get(i).form().read(bytes);
        }
        try {
            return type.cast((Object) constructor.invokeExact(values));
        } catch (IllegalArgumentException e) {
            throw new MalformedPacketException(toString(), "the record refuses its values: " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new UndeclaredThrowableException(t);
        }
    }

    @Override
    public String toString() {
        return "struct " + type.getSimpleName();
    }
}

package io.bobbinet.packet.codec;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.MalformedPacketException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.util.Objects;

/**
 * Packets by Java serialization, between programs that trust each other: bytes from elsewhere may do harm by what the classes do
 * that they name. Therefore a filter must be given, and no code of a class runs that it does not allow, not even to initialize it:
 * undecided means no. To ask the filter, the class is loaded, by the class loader of the packets' type if that knows it. Prefer
 * {@link Struct}, JSON, CBOR or MessagePack.
 *
 * {@snippet file="CodecExamples.java" region="serialized"}
 *
 * <p>In a stream something must tell where a packet ends, {@link LengthPrefixed} for instance.
 *
 * <p>Immutable; serves any number of threads.
 *
 * @param <T> the type of the packets
 */
public final class Serialized<T> implements Codec<T> {
    private final Class<T> type;
    private final ObjectInputFilter filter;
    private final int limit;

    private Serialized(Class<T> type, ObjectInputFilter filter, int limit) {
        this.type = type;
        this.filter = filter;
        this.limit = limit;
    }

    /**
     * {@return packets of at most 65,536 bytes}
     *
     * @param <T> the type of the packets
     * @param type the type of the packets
     * @param filter what classes may come, that of the packets among them; see
     *     {@link java.io.ObjectInputFilter.Config#createFilter(String)}. Limits of depth and references are worth having; arrays
     *     longer than the packet has bytes are refused anyhow
     */
    public static <T> Serialized<T> of(Class<T> type, ObjectInputFilter filter) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(filter, "filter");
        return new Serialized<>(type, ObjectInputFilter.rejectUndecidedClass(filter), Limit.DEFAULT);
    }

    /**
     * {@return the same with another limit}
     *
     * @param bytes how many bytes a packet has at most
     * @throws IllegalArgumentException if it is less than 1
     */
    public Serialized<T> withLimit(int bytes) {
        return new Serialized<>(type, filter, Limit.checked(bytes));
    }

    @Override
    public void encode(T packet, OutputStream target) throws IOException {
        PacketBytes bytes = new PacketBytes();
        try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
            objects.writeObject(packet);
        } catch (NotSerializableException | InvalidClassException e) {
            throw new IllegalArgumentException(this + ": the packet cannot be serialized", e);
        }
        Limit.checkSent(bytes.size(), limit, this);
        bytes.writeTo(target);
    }

    @Override
    public T decode(byte[] data) throws IOException {
        Limit.checkReceived(data.length, limit, this);
        ByteArrayInputStream source = new ByteArrayInputStream(data);
        Object packet;
        try (ObjectInputStream objects = new TypedInput(source)) {
            objects.setObjectInputFilter(info ->
                    info.arrayLength() > data.length ? ObjectInputFilter.Status.REJECTED : filter.checkInput(info));
            packet = objects.readObject();
        } catch (IOException | ClassNotFoundException | RuntimeException | StackOverflowError | LinkageError e) {
            // Code of the classes that the bytes name has run: whatever it has thrown, the bytes were the reason.
            throw new MalformedPacketException(toString(), "the bytes cannot be deserialized: " + e, e);
        }
        if (source.available() > 0) {
            throw new MalformedPacketException(
                    toString(), source.available() + " bytes of " + data.length + " are left behind the packet");
        }
        if (!type.isInstance(packet)) {
            throw new MalformedPacketException(
                    toString(),
                    "the packet is "
                            + (packet == null
                                    ? "null"
                                    : "a " + packet.getClass().getName()));
        }
        return type.cast(packet);
    }

    /** Knows the classes that the type of the packets knows. */
    private final class TypedInput extends ObjectInputStream {
        TypedInput(InputStream source) throws IOException {
            super(source);
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            try {
                return Class.forName(description.getName(), false, type.getClassLoader());
            } catch (ClassNotFoundException e) {
                return super.resolveClass(description);
            }
        }
    }

    @Override
    public String toString() {
        return "serialized " + type.getSimpleName();
    }
}

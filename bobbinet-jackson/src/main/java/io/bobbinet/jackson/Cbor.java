package io.bobbinet.jackson;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.cbor.CBORMapper;

/**
 * Packets as CBOR data items (RFC 8949), for any class that Jackson knows to map, or as trees of {@link JsonNode}. An item tells
 * where it ends: nothing comes between two of them. Lengths may be definite or not.
 *
 * {@snippet file="PacketExamples.java" region="cbor"}
 *
 * <p>An item has at most 65,536 bytes, unless {@linkplain #withLimit another limit} is set: a longer one is not sent, and one that
 * comes is malformed and discarded as it comes. One that is null is malformed too, unless the packets are trees; nesting is
 * limited by Jackson, to 500 levels. After a malformed packet comes the next item; but where bytes are no CBOR at all (not
 * well-formed, says the RFC) or nest deeper than 1,000 levels, nobody can know where the next item begins, and the stream is
 * given up.
 *
 * <p>Whether bytes of a text are UTF-8 is left to Jackson, which takes some that are not, overlong forms for instance.
 *
 * <p>Immutable; one is used by any number of connections and threads.
 *
 * @param <T> the type of the packets
 */
public final class Cbor<T> implements FramedCodec<T> {
    private final Binding<T> binding;

    private Cbor(Binding<T> binding) {
        this.binding = binding;
    }

    /**
     * {@return a codec of trees}
     */
    public static Cbor<JsonNode> of() {
        return of(JsonNode.class);
    }

    /**
     * Makes a codec.
     *
     * @param <T> the type of the packets
     * @param type its class: a record, for instance
     * @return the codec
     */
    public static <T> Cbor<T> of(Class<T> type) {
        return new Cbor<>(Binding.of(type, CBORMapper.shared()));
    }

    /**
     * Makes a codec.
     *
     * @param <T> the type of the packets
     * @param type the type, with its parameters: {@code new TypeReference<List<Order>>() {}}
     * @return the codec
     */
    public static <T> Cbor<T> of(TypeReference<T> type) {
        return new Cbor<>(Binding.of(type, CBORMapper.shared()));
    }

    /**
     * {@return the same codec with a limit of how many bytes an item has}
     *
     * @param bytes the limit
     * @throws IllegalArgumentException if it is less than 1
     */
    public Cbor<T> withLimit(int bytes) {
        return new Cbor<>(binding.withLimit(bytes));
    }

    /**
     * {@return the same codec with a mapper of its own}
     *
     * @param mapper how objects become items, and back
     */
    public Cbor<T> withMapper(CBORMapper mapper) {
        return new Cbor<>(binding.withMapper(Objects.requireNonNull(mapper, "mapper")));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the item is longer than the limit, or is one that Jackson cannot write, because of its
     *     text or depth
     */
    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        BoundedOutput unused = binding.encode(packet, target, this);
    }

    @Override
    public T decode(byte[] data) throws MalformedPacketException {
        binding.checkLength(data, this);
        ItemEnd end = new ItemEnd(this);
        int length = data.length == 0 ? 0 : end.find(data, 0, data.length);
        if (length != data.length) {
            String reason =
                    length < 0 ? "more than its %d bytes" : "%d bytes, and " + (data.length - length) + " behind it";
            throw new MalformedPacketException(toString(), "the item has " + reason.formatted(Math.max(length, 0)));
        }
        return binding.decode(data, this);
    }

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        ItemEnd end = new ItemEnd(this);
        byte[] item;
        try {
            item = stream.receiveTo(end, binding.limit());
        } catch (DelimiterNotFoundException e) {
            byte[] unused = stream.receiveExactly(binding.limit() + 1);
            throw MalformedPacketException.upTo(
                    end, toString(), "the item is longer than " + binding.limit() + " bytes");
        }
        return FramedCodec.decodeContent(this, () -> binding.decode(item, this));
    }

    /** {@return what it is and of what, for messages} */
    @Override
    public String toString() {
        return "CBOR" + binding.ofType();
    }
}

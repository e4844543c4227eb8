package io.bobbinet.jackson;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Packets as JSON documents in UTF-8, for any class that Jackson knows to map, or as trees of {@link JsonNode}.
 *
 * {@snippet file="PacketExamples.java" region="json"}
 *
 * <p>On a stream there are two ways to tell where a document ends. {@linkplain #lines(Class) Lines}: each document is a line of
 * its own, ended by LF; CR and blanks around it do not matter. {@linkplain #documents(Class) Documents}: an object, array or
 * string ends with its own last character, any other value at the next white space, and white space in front does not matter.
 * What is sent is compact; behind a document that has no last character of its own, a number say, follows LF.
 *
 * <p>A document has at most 65,536 bytes, unless {@linkplain #withLimit another limit} is set: a longer one is not sent, and one
 * that comes is malformed and discarded as it comes. What is behind the value of a document, and a document that is null, is
 * malformed too, unless the packets are trees; nesting is limited by Jackson, to 500 levels. Names that the class does not have
 * are ignored, of one name twice the last counts, and {@code NaN} is no number, unless {@linkplain #withMapper the mapper} wants
 * otherwise. After a malformed packet comes the next document.
 *
 * <p>As a datagram a document has no LF behind it.
 *
 * <p>A program that is a module opens the packages of its classes to Jackson: {@code opens your.shop to
 * tools.jackson.databind;}.
 *
 * <p>Immutable; one is used by any number of connections and threads.
 *
 * @param <T> the type of the packets
 */
public final class Json<T> implements FramedCodec<T> {
    private final Binding<T> binding;
    private final JsonFraming framing;

    private Json(Binding<T> binding, JsonFraming framing) {
        this.binding = binding;
        this.framing = framing;
    }

    // -- lines

    /**
     * {@return a codec of trees, a line each}
     */
    public static Json<JsonNode> lines() {
        return lines(JsonNode.class);
    }

    /**
     * Makes a codec of one document a line.
     *
     * @param <T> the type of the packets
     * @param type its class: a record, for instance
     * @return the codec
     */
    public static <T> Json<T> lines(Class<T> type) {
        return new Json<>(Binding.of(type, JsonMapper.shared()), JsonFraming.LINES);
    }

    /**
     * Makes a codec of one document a line.
     *
     * @param <T> the type of the packets
     * @param type the type, with its parameters: {@code new TypeReference<List<Order>>() {}}
     * @return the codec
     */
    public static <T> Json<T> lines(TypeReference<T> type) {
        return new Json<>(Binding.of(type, JsonMapper.shared()), JsonFraming.LINES);
    }

    // -- documents

    /**
     * {@return a codec of trees, each a document that tells where it ends}
     */
    public static Json<JsonNode> documents() {
        return documents(JsonNode.class);
    }

    /**
     * Makes a codec of documents that tell where they end.
     *
     * @param <T> the type of the packets
     * @param type its class: a record, for instance
     * @return the codec
     */
    public static <T> Json<T> documents(Class<T> type) {
        return new Json<>(Binding.of(type, JsonMapper.shared()), JsonFraming.DOCUMENTS);
    }

    /**
     * Makes a codec of documents that tell where they end.
     *
     * @param <T> the type of the packets
     * @param type the type, with its parameters: {@code new TypeReference<List<Order>>() {}}
     * @return the codec
     */
    public static <T> Json<T> documents(TypeReference<T> type) {
        return new Json<>(Binding.of(type, JsonMapper.shared()), JsonFraming.DOCUMENTS);
    }

    // -- options

    /**
     * {@return the same codec with a limit of how many bytes a document has} The end of a line does not count, nor white
     * space in front of a document that tells where it ends.
     *
     * @param bytes the limit
     * @throws IllegalArgumentException if it is less than 1
     */
    public Json<T> withLimit(int bytes) {
        return new Json<>(binding.withLimit(bytes), framing);
    }

    /**
     * {@return the same codec with a mapper of its own} Documents are compact, and have nothing behind them, whatever it says.
     *
     * @param mapper how objects become documents, and back
     */
    public Json<T> withMapper(JsonMapper mapper) {
        return new Json<>(binding.withMapper(Objects.requireNonNull(mapper, "mapper")), framing);
    }

    // -- the codec

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the document is longer than the limit, is more than one line, or is one that Jackson
     *     cannot write, because of its text or depth
     */
    @Override
    public void encode(T packet, OutputStream target) throws IOException {
        framing.check(binding.encode(packet, target, this), this);
    }

    /** {@inheritDoc} They are those of {@link #encode} and what tells where they end. */
    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        BoundedOutput document = binding.encode(packet, target, this);
        framing.check(document, this);
        framing.end(document, target);
    }

    @Override
    public T decode(byte[] data) throws MalformedPacketException {
        binding.checkLength(data, this);
        JsonFraming.checkUtf8(data, this);
        return binding.decode(data, this);
    }

    @Override
    public void skipGap(BufferedReceiveStream stream) throws IOException {
        framing.skipGap(stream);
    }

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        byte[] document = framing.receive(stream, binding.limit(), this);
        return FramedCodec.decodeContent(this, () -> decode(document));
    }

    /** {@return what it is and of what, for messages} */
    @Override
    public String toString() {
        return framing + binding.ofType();
    }
}

package io.bobbinet.jackson;

import io.bobbinet.packet.MalformedPacketException;
import java.io.OutputStream;
import java.lang.reflect.Type;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamWriteException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;

/**
 * A type, how Jackson maps it, and how long a document of it may be.
 *
 * @param <T> the type
 */
final class Binding<T> {
    private static final int DEFAULT_LIMIT = 65_536;

    private final Type type;
    private final ObjectMapper mapper;
    private final int limit;
    private final String ofType;
    private final ObjectReader reader;
    private final ObjectWriter writer;

    private Binding(Type type, ObjectMapper mapper, int limit) {
        this.type = type;
        this.mapper = mapper;
        this.limit = limit;
        JavaType mapped = mapper.constructType(type);
        String name = type instanceof Class<?> plain ? plain.getSimpleName() : type.getTypeName();
        // Trees are whatever comes.
        ofType = type == JsonNode.class ? "" : " of " + name;
        reader = mapper.readerFor(mapped).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        writer = mapper.writerFor(mapped).without(SerializationFeature.INDENT_OUTPUT);
    }

    static <T> Binding<T> of(Class<T> type, ObjectMapper mapper) {
        return new Binding<>(Objects.requireNonNull(type, "type"), mapper, DEFAULT_LIMIT);
    }

    static <T> Binding<T> of(TypeReference<T> type, ObjectMapper mapper) {
        return new Binding<>(type.getType(), mapper, DEFAULT_LIMIT);
    }

    Binding<T> withLimit(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(
                    "A document has at least 1 byte, so that is the least limit, not " + bytes);
        }
        return new Binding<>(type, mapper, bytes);
    }

    Binding<T> withMapper(ObjectMapper other) {
        return new Binding<>(type, other, limit);
    }

    int limit() {
        return limit;
    }

    /** What it is of, for names of codecs. */
    String ofType() {
        return ofType;
    }

    BoundedOutput encode(T packet, OutputStream target, Object codec) {
        Objects.requireNonNull(packet, "packet");
        BoundedOutput document = new BoundedOutput(target, limit);
        try {
            writer.writeValue(document, packet);
        } catch (StreamConstraintsException | StreamWriteException e) {
            throw new IllegalArgumentException(codec + ": the packet cannot be written: " + e.getOriginalMessage(), e);
        }
        if (document.isOverrun()) {
            throw new IllegalArgumentException(codec + ": the document is longer than " + limit + " bytes");
        }
        return document;
    }

    void checkLength(byte[] data, Object codec) throws MalformedPacketException {
        if (data.length > limit) {
            throw new MalformedPacketException(
                    codec.toString(), "it has " + data.length + " bytes, and at most " + limit + " are allowed");
        }
    }

    T decode(byte[] document, Object codec) throws MalformedPacketException {
        T packet;
        try {
            packet = reader.readValue(document);
        } catch (InvalidDefinitionException e) {
            throw e; // the class cannot be mapped, whatever the document says
        } catch (JacksonException e) {
            throw new MalformedPacketException(codec.toString(), e.getOriginalMessage(), e);
        }
        if (packet == null) {
            throw new MalformedPacketException(codec.toString(), "the document is null");
        }
        if (packet instanceof JsonNode node && node.isMissingNode()) {
            throw new MalformedPacketException(codec.toString(), "the document is empty");
        }
        return packet;
    }
}

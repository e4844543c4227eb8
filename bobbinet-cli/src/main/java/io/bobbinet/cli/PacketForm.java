package io.bobbinet.cli;

import io.bobbinet.jackson.Cbor;
import io.bobbinet.jackson.Json;
import io.bobbinet.packet.Codec;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Lines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * How packets look on the wire, and in a terminal, where each is a line.
 *
 * @param <T> the type of the packets
 * @param name what the command line calls it
 * @param codec how they look on the wire
 * @param reader makes a packet of a line; fails with an exception of which the message says what is wrong with it
 * @param printer makes a line of a packet
 */
record PacketForm<T>(String name, FramedCodec<T> codec, Function<String, T> reader, Function<T, String> printer) {

    static final String NAMES = "line, json, cbor, msgpack";

    static PacketForm<String> line() {
        return new PacketForm<>("line", Lines.utf8(), Function.identity(), Function.identity());
    }

    private static PacketForm<JsonNode> json() {
        return new PacketForm<>("json", Json.lines(), PacketForm::parse, JsonNode::toString);
    }

    private static PacketForm<JsonNode> cbor() {
        return new PacketForm<>("cbor", Cbor.of(), PacketForm::parse, JsonNode::toString);
    }

    private static JsonNode parse(String line) {
        try {
            return Json.lines().decode(line.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedPacketException e) {
            String reason = e.getCause() instanceof JacksonException cause ? cause.getOriginalMessage() : e.reason();
            throw new IllegalArgumentException("no JSON: " + reason, e);
        }
    }

    /** Reads the names. */
    static final class OfName implements ITypeConverter<PacketForm<?>> {
        @Override
        public PacketForm<?> convert(String name) {
            return switch (name) {
                case "line" -> line();
                case "json" -> json();
                case "cbor" -> cbor();
                case "msgpack" ->
                    new PacketForm<>(
                            name,
                            MessagePackTree.codec(),
                            line -> MessagePackTree.value(parse(line)),
                            value -> MessagePackTree.of(value).toString());
                default -> throw new TypeConversionException("'" + name + "' is no codec; there are " + NAMES);
            };
        }
    }

    StreamProtocol<T, T> onStreams() {
        return StreamProtocol.of(codec);
    }

    DatagramProtocol<T, T> inDatagrams() {
        return DatagramProtocol.of(codec);
    }

    /**
     * {@return the packet of a line}
     *
     * @throws IOException if it is none
     */
    T read(String line) throws IOException {
        try {
            return reader.apply(line);
        } catch (IllegalArgumentException e) {
            throw new IOException("Cannot send '" + Complaints.shortened(line) + "', it is " + e.getMessage(), e);
        }
    }

    /**
     * {@return the bytes of a datagram with the packet of a line}
     *
     * @throws IOException if it is none
     */
    byte[] datagram(String line) throws IOException {
        return encoded(read(line));
    }

    /**
     * {@return the line of the packet in a datagram}
     *
     * @throws MalformedPacketException if there is none
     */
    String line(byte[] datagram) throws IOException {
        return printer.apply(codec.decode(datagram));
    }

    /**
     * {@return the bytes of the packet in a datagram, made anew}
     *
     * @throws MalformedPacketException if there is none
     * @throws IllegalArgumentException if the codec refuses it
     */
    byte[] anew(byte[] datagram) throws IOException {
        return encoded(codec.decode(datagram));
    }

    private byte[] encoded(T packet) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Codec<T> plain = codec;
        plain.encode(packet, bytes);
        return bytes.toByteArray();
    }
}

package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.MalformedPacketException;
import java.io.IOException;
import java.io.OutputStream;

/** Text, whole. What is {@code bad} is malformed, and {@code crash} and {@code io} crash the codec. */
enum TextCodec implements Codec<String> {
    TEXT;

    @Override
    public void encode(String packet, OutputStream target) throws IOException {
        if (packet.equals("refused")) {
            throw new IllegalArgumentException("it is refused");
        }
        if (packet.equals("crash")) {
            throw new IllegalStateException("so it is");
        }
        target.write(packet.getBytes(UTF_8));
    }

    @Override
    public String decode(byte[] data) throws IOException {
        String text = new String(data, UTF_8);
        switch (text) {
            case "bad" -> throw MalformedPacketException.unrecoverable("text of tests", "it is bad");
            case "crash" -> throw new IllegalStateException("so it is");
            case "io" -> throw new IOException("so it is");
            default -> {}
        }
        return text;
    }

    @Override
    public String toString() {
        return "text of tests";
    }
}

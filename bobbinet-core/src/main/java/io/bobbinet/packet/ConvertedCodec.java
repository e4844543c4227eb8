package io.bobbinet.packet;

import java.io.IOException;
import java.io.OutputStream;

/** See {@link Codec#converted}. */
record ConvertedCodec<P, W>(Codec<W> codec, Converter<P, W> converter) implements Codec<P> {

    @Override
    public void encode(P packet, OutputStream target) throws IOException {
        codec.encode(converter.toWire(packet), target);
    }

    @Override
    public P decode(byte[] data) throws IOException {
        return converter.fromWire(codec.decode(data));
    }

    @Override
    public String toString() {
        return codec.toString();
    }
}

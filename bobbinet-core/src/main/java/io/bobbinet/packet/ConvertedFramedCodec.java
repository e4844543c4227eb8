package io.bobbinet.packet;

import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** See {@link FramedCodec#converted}. */
record ConvertedFramedCodec<P, W>(FramedCodec<W> codec, Converter<P, W> converter) implements FramedCodec<P> {

    @Override
    public void encode(P packet, OutputStream target) throws IOException {
        codec.encode(converter.toWire(packet), target);
    }

    @Override
    public P decode(byte[] data) throws IOException {
        return converter.fromWire(codec.decode(data));
    }

    @Override
    public void encodeFrame(P packet, OutputStream target) throws IOException {
        codec.encodeFrame(converter.toWire(packet), target);
    }

    @Override
    public P decodeFrame(BufferedReceiveStream stream) throws IOException {
        W wire = Objects.requireNonNull(codec.decodeFrame(stream), "the packet is null");
        return FramedCodec.decodeContent(this, () -> converter.fromWire(wire));
    }

    @Override
    public void skipGap(BufferedReceiveStream stream) throws IOException {
        codec.skipGap(stream);
    }

    @Override
    public String toString() {
        return codec.toString();
    }
}

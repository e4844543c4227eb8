package io.bobbinet.tests.packet.codec;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;

/** A framed codec as one is written that has the two methods only: its one-shot forms are whole frames. */
record WholeFrames<T>(FramedCodec<T> codec) implements FramedCodec<T> {

    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        codec.encodeFrame(packet, target);
    }

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        return codec.decodeFrame(stream);
    }

    @Override
    public String toString() {
        return codec.toString();
    }
}

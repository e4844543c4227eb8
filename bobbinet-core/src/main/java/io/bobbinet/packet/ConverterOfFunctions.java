package io.bobbinet.packet;

import io.bobbinet.task.ThrowingFunction;
import java.util.function.Function;

/** See {@link Converter#of}. */
record ConverterOfFunctions<P, W>(
        Function<? super P, ? extends W> out, ThrowingFunction<? super W, ? extends P, MalformedPacketException> in)
        implements Converter<P, W> {

    @Override
    public W toWire(P packet) {
        return out.apply(packet);
    }

    @Override
    public P fromWire(W wire) throws MalformedPacketException {
        return in.apply(wire);
    }
}

package io.bobbinet.packet;

import io.bobbinet.task.ThrowingFunction;
import java.util.Objects;
import java.util.function.Function;

/**
 * Turns the packets of a program into what travels, and back: an order into a JSON document, say. Users may implement it.
 *
 * {@snippet file="PacketExamples.java" region="converter"}
 *
 * @param <P> the type of the packets in the program
 * @param <W> the type of the packets on the wire
 */
public interface Converter<P, W> {

    /**
     * Converts a packet that is to be sent.
     *
     * @param packet the packet
     * @return what travels
     * @throws IllegalArgumentException if the packet cannot be sent; nothing is sent
     */
    W toWire(P packet);

    /**
     * Converts a packet that was received.
     *
     * @param wire what came
     * @return the packet, never null
     * @throws MalformedPacketException if it is none that the program accepts
     */
    P fromWire(W wire) throws MalformedPacketException;

    /**
     * Makes a converter of two functions.
     *
     * @param <P> the type of the packets in the program
     * @param <W> the type of the packets on the wire
     * @param toWire converts a packet that is to be sent
     * @param fromWire converts a packet that was received
     * @return the converter
     */
    static <P, W> Converter<P, W> of(
            Function<? super P, ? extends W> toWire,
            ThrowingFunction<? super W, ? extends P, MalformedPacketException> fromWire) {
        return new ConverterOfFunctions<>(
                Objects.requireNonNull(toWire, "toWire"), Objects.requireNonNull(fromWire, "fromWire"));
    }
}

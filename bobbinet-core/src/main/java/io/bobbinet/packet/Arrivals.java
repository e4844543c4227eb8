package io.bobbinet.packet;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The packets that a call of {@code available} took, and why it took no more.
 *
 * {@snippet file="PacketExamples.java" region="available"}
 *
 * @param <R> the type of the packets
 * @param packets the packets, in the order in which they came; unmodifiable
 * @param end why there are no more of them
 * @param failure what a further receive threw; present if the end is {@link End#FAILED}. An {@link Error} is the cause of an
 *     {@link java.util.concurrent.ExecutionException}, and thrown only if there are no packets
 */
public record Arrivals<R>(List<R> packets, End end, Optional<Exception> failure) {

    /** Why a call of {@code available} took no more packets. */
    public enum End {
        /** No other has come, or the time is over. */
        NO_MORE,
        /** {@value PacketClient#MOST_AT_ONCE} have been taken; there may be more. */
        FULL,
        /** The peer has ended the stream. */
        END_OF_STREAM,
        /** This side closed the client. */
        CLOSED,
        /** What would have been the next packet is malformed, or receiving failed. */
        FAILED
    }

    /** Copies the list. */
    public Arrivals {
        packets = List.copyOf(packets);
        Objects.requireNonNull(end, "end");
        Objects.requireNonNull(failure, "failure");
    }
}

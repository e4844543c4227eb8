package io.bobbinet.packet;

import io.bobbinet.stream.ServeOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * How a {@link PacketServer} serves. Immutable.
 *
 * @param maxConnections how many clients are served at the same time at most; further ones wait to be accepted
 * @param idleTimeout how long a receive without a limit of its own waits for a packet to be whole
 * @param writeTimeout how long a packet may take to go out once it is its turn
 * @param failureReporter is told of each handler that failed, with the connection, which is closed by then
 */
public record PacketServerOptions(
        int maxConnections,
        Optional<Duration> idleTimeout,
        Optional<Duration> writeTimeout,
        BiConsumer<Object, Throwable> failureReporter) {

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if the limit is less than 1, or a time not positive
     */
    public PacketServerOptions {
        if (maxConnections < 1) {
            throw new IllegalArgumentException("At least 1 connection must be allowed, not " + maxConnections);
        }
        idleTimeout.ifPresent(limit -> checkPositive("An idle timeout", limit));
        writeTimeout.ifPresent(limit -> checkPositive("A write timeout", limit));
        Objects.requireNonNull(failureReporter, "failureReporter");
    }

    static void checkPositive(String what, Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException(what + " is positive, not " + limit);
        }
    }

    /** {@return the defaults} No limits, and failures are logged as {@link ServeOptions#defaults()} says. */
    public static PacketServerOptions defaults() {
        return new PacketServerOptions(
                Integer.MAX_VALUE,
                Optional.empty(),
                Optional.empty(),
                ServeOptions.defaults().failureReporter());
    }

    /**
     * {@return the same with a limit of connections}
     *
     * @param limit how many clients are served at the same time at most; further ones wait to be accepted
     * @throws IllegalArgumentException if it is less than 1
     */
    public PacketServerOptions withMaxConnections(int limit) {
        return new PacketServerOptions(limit, idleTimeout, writeTimeout, failureReporter);
    }

    /**
     * {@return the same with a limit for silent clients} {@link PacketClient#receive()}, {@link PacketClient#receiveMessage()} and
     * the loops over them throw {@link io.bobbinet.task.TimedOutException} if the next packet has not come whole within the
     * time, by however many bytes; the handler may go on after it, for nothing was consumed, or let it end the client. Receives
     * with a limit of their own have that alone.
     *
     * @param limit how long
     * @throws IllegalArgumentException if it is not positive
     */
    public PacketServerOptions withIdleTimeout(Duration limit) {
        return new PacketServerOptions(maxConnections, Optional.of(limit), writeTimeout, failureReporter);
    }

    /**
     * {@return the same with a limit for clients that do not read} A send throws {@link io.bobbinet.task.TimedOutException} if the
     * packet, once it is its turn, has not gone out within the time; if a part of it has, no other can follow, as
     * {@link PacketClient} says. {@link PacketClient#sendEof()} is limited alike.
     *
     * @param limit how long
     * @throws IllegalArgumentException if it is not positive
     */
    public PacketServerOptions withWriteTimeout(Duration limit) {
        return new PacketServerOptions(maxConnections, idleTimeout, Optional.of(limit), failureReporter);
    }

    /**
     * {@return the same with another reporter of failures}
     *
     * @param reporter is told of each handler that failed, and of each handshake of TLS; runs on the handler's task
     */
    public PacketServerOptions withFailureReporter(BiConsumer<Object, Throwable> reporter) {
        return new PacketServerOptions(maxConnections, idleTimeout, writeTimeout, reporter);
    }
}

package io.bobbinet.packet;

import io.bobbinet.net.DatagramTransport;
import io.bobbinet.stream.ServeOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * How a {@link DatagramServer} serves. Immutable.
 *
 * @param maxPeers how many handlers run at the same time at most, one for each peer
 * @param maxQueued how many datagrams of one peer wait for its handler at most; further ones are dropped and
 *     {@linkplain DatagramServer#dropped() counted}, as are those beyond the bounds of the server as a whole
 * @param idleTimeout how long a receive without a limit of its own waits for the peer's next datagram before it ends
 * @param messages whether what comes beside datagrams is received too
 * @param failureReporter is told of each handler that failed, with the {@link DatagramPeer}
 */
public record DatagramServerOptions(
        int maxPeers,
        int maxQueued,
        Duration idleTimeout,
        boolean messages,
        BiConsumer<Object, Throwable> failureReporter) {
    private static final int DEFAULT_QUEUED = 64;
    private static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(1);

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if a limit is less than 1, or the time not positive
     */
    public DatagramServerOptions {
        if (maxPeers < 1) {
            throw new IllegalArgumentException("At least 1 peer must be allowed, not " + maxPeers);
        }
        if (maxQueued < 1) {
            throw new IllegalArgumentException("At least 1 datagram must be allowed to wait, not " + maxQueued);
        }
        PacketServerOptions.checkPositive("An idle timeout", idleTimeout);
        Objects.requireNonNull(failureReporter, "failureReporter");
    }

    /**
     * {@return the defaults} 256 peers, 64 datagrams of each that wait, 1 minute of silence, nothing beside datagrams, and failures
     * are logged as {@link ServeOptions#defaults()} says.
     */
    public static DatagramServerOptions defaults() {
        return new DatagramServerOptions(
                DatagramTransport.DEFAULT_HANDLERS,
                DEFAULT_QUEUED,
                DEFAULT_IDLE_TIMEOUT,
                false,
                ServeOptions.defaults().failureReporter());
    }

    /**
     * {@return the same with another limit of peers}
     *
     * @param limit how many handlers run at the same time at most
     * @throws IllegalArgumentException if it is less than 1
     */
    public DatagramServerOptions withMaxPeers(int limit) {
        return new DatagramServerOptions(limit, maxQueued, idleTimeout, messages, failureReporter);
    }

    /**
     * {@return the same with another limit of datagrams that wait}
     *
     * @param limit how many datagrams of one peer wait for its handler at most
     * @throws IllegalArgumentException if it is less than 1
     */
    public DatagramServerOptions withMaxQueued(int limit) {
        return new DatagramServerOptions(maxPeers, limit, idleTimeout, messages, failureReporter);
    }

    /**
     * {@return the same with another limit for silent peers}
     *
     * @param limit how long a receive without a limit of its own waits before it ends the conversation
     * @throws IllegalArgumentException if it is not positive
     */
    public DatagramServerOptions withIdleTimeout(Duration limit) {
        return new DatagramServerOptions(maxPeers, maxQueued, limit, messages, failureReporter);
    }

    /**
     * {@return the same, but what comes beside datagrams is received too} Needed for {@link DatagramPeer#receiveMessage()}; for
     * UNIX sockets. Not the default, because descriptors that wait with their datagrams, at most
     * {@value DatagramServer#MOST_DESCRIPTORS_WAITING}, count as open in this process, and anyone who may write to the socket can
     * send some. Those that no handler asks for are closed. Of datagrams longer than
     * 65,536 bytes the rest is lost, and they count as malformed.
     */
    public DatagramServerOptions withMessages() {
        return new DatagramServerOptions(maxPeers, maxQueued, idleTimeout, true, failureReporter);
    }

    /**
     * {@return the same with another reporter of failures}
     *
     * @param reporter is told of each handler that failed, with the {@link DatagramPeer}; runs on the handler's task
     */
    public DatagramServerOptions withFailureReporter(BiConsumer<Object, Throwable> reporter) {
        return new DatagramServerOptions(maxPeers, maxQueued, idleTimeout, messages, reporter);
    }
}

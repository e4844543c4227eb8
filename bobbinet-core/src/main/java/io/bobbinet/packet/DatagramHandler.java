package io.bobbinet.packet;

/**
 * What a {@link DatagramServer} does with its peers: a plain conversation with one of them, run for each in a task of its own.
 *
 * {@snippet file="PacketExamples.java" region="datagram-server"}
 *
 * <p>{@link #stop()} is called once if and only if {@link #start} returned, when all conversations have ended.
 *
 * @param <S> the type of the packets that the server sends
 * @param <R> the type of the packets that the server receives
 */
@FunctionalInterface
public interface DatagramHandler<S, R> {

    /**
     * Talks with a peer. Called when a datagram has come from a peer that no handler is talking with; at a time there is one
     * handler for a peer, and it alone gets what the peer sends, in the order in which it comes. When it has ended, the datagram
     * it was called for is gone, received or not, and if others are there, the handler is called again.
     *
     * <p>That a peer has been silent for too long is no failure: if the {@link io.bobbinet.stream.EndOfStreamException} that tells
     * it leaves the handler, it has ended in good order. All else concerns this conversation alone, and is reported once.
     *
     * @param peer the peer
     * @throws Exception if this conversation cannot go on
     */
    void handle(DatagramPeer<S, R> peer) throws Exception;

    /**
     * Called first, on the thread that serves: for what all conversations need.
     *
     * @param server the server, which receives nothing yet
     * @throws Exception if there can be no serving: {@link DatagramServer#serve} ends with it. The server is not closed by that
     */
    default void start(DatagramServer<S, R> server) throws Exception {}

    /**
     * Called last, on the thread that serves, when all conversations have ended, whatever the serving ends by.
     *
     * @throws Exception if it fails: {@link DatagramServer#serve} ends with it, or has it suppressed under what it ends by
     */
    default void stop() throws Exception {}
}

package io.bobbinet.packet;

/**
 * What a {@link PacketServer} does with its clients: a plain loop over the packets of one client, run for each client in a task
 * of its own.
 *
 * {@snippet file="PacketExamples.java" region="server"}
 *
 * <p>Whoever needs more than that implements the other methods too:
 *
 * {@snippet file="PacketExamples.java" region="hooks"}
 *
 * <p>They are called in pairs. {@link #stop()} is called once if and only if {@link #start} returned;
 * {@link #disconnected} is called once for a client if and only if {@link #connected} returned for it. No client is connected
 * before {@code start} has returned, and all have been disconnected when {@code stop} is called. One handler serves all clients;
 * what it keeps about one is best kept in local variables of {@link #handle}.
 *
 * <p>The end of a client is no failure: if an {@link io.bobbinet.stream.EndOfStreamException} of the client, or after the handler
 * has closed the client a {@link io.bobbinet.stream.ClosedResourceException}, leaves a method, it has ended in good order. All
 * else that leaves {@link #connected}, {@link #handle} and {@link #disconnected} concerns that client alone, and is reported once.
 * When the server is closed, cancelled, or drained and the time for it is over, the methods are cancelled, and so is each
 * blocking call of a {@code disconnected} or {@code stop} that comes after that; what must wait even then needs a
 * {@linkplain io.bobbinet.task.CancelScope#shielded(java.time.Duration) shield}.
 *
 * @param <S> the type of the packets that the server sends
 * @param <R> the type of the packets that the server receives
 */
@FunctionalInterface
public interface PacketHandler<S, R> {

    /**
     * Talks with a client. When this returns or throws, the client is closed.
     *
     * @param client the client, closed by the server at the latest
     * @throws Exception if this client cannot be served any more; see {@link PacketHandler}
     */
    void handle(PacketClient<S, R> client) throws Exception;

    /**
     * Called first, on the thread that serves: for what all clients need.
     *
     * @param server the server, which accepts nobody yet
     * @throws Exception if there can be no serving: {@link PacketServer#serve} ends with it. The server is not closed by that
     */
    default void start(PacketServer<S, R> server) throws Exception {}

    /**
     * Called last, on the thread that serves, when all clients have been served, whatever the serving ends by: for giving back
     * what {@link #start} took.
     *
     * @throws Exception if that fails: {@link PacketServer#serve} ends with it, or has it suppressed under what it ends by
     */
    default void stop() throws Exception {}

    /**
     * Called before {@link #handle}, in the same task: for what begins a conversation. If it throws, the client is closed; if it
     * closes the client, {@code handle} is not called.
     *
     * @param client the client
     * @throws Exception if this client is not to be served
     */
    default void connected(PacketClient<S, R> client) throws Exception {}

    /**
     * Called after {@link #handle}, in the same task, whatever that has ended by. Unless the handler has closed it, the client is
     * still open, and a farewell can be sent to a peer that has ended its own direction alone.
     *
     * @param client the client
     * @throws Exception if it fails; suppressed under what {@code handle} failed by
     */
    default void disconnected(PacketClient<S, R> client) throws Exception {}
}

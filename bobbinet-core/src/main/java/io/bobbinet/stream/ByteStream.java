package io.bobbinet.stream;

import java.io.IOException;

/**
 * A stream of bytes in both directions, which do not disturb each other: a sender and a receiver may work at the same
 * time.
 */
public interface ByteStream extends ByteReceiveStream, ByteSendStream {

    /**
     * Ends the sending: the peer sees the end of the stream after all that was sent, and may still send; receiving goes
     * on here. Idempotent. Later sends throw {@link ClosedResourceException}.
     *
     * @throws BrokenResourceException if the stream is broken, or a send was cut off
     * @throws ClosedResourceException if this side closed the stream
     * @throws BusyResourceException if another thread is sending
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; the sending is not ended
     * @throws IOException as for a send
     */
    void sendEof() throws IOException;

    @Override
    void close() throws IOException;
}

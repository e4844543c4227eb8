package io.bobbinet.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A byte stream made of one to send to and one to receive from, such as the two pipes of a process.
 *
 * {@snippet file="MemoryExamples.java" region="staple"}
 *
 * <p>It owns its halves. Each direction behaves as its half does. For attributes the receiving half is asked first.
 */
public final class StapledByteStream implements ByteStream {
    private final ByteSendStream sender;
    private final ByteReceiveStream receiver;

    /** Set when the sending half was closed to end the sending. */
    private volatile boolean ended;

    /** Set by {@link #close()}. */
    private volatile boolean closed;

    private StapledByteStream(ByteSendStream sender, ByteReceiveStream receiver) {
        this.sender = Objects.requireNonNull(sender, "sender");
        this.receiver = Objects.requireNonNull(receiver, "receiver");
    }

    /**
     * Joins two streams, which belong to the new one from now on.
     *
     * @param sender where to send
     * @param receiver where to receive
     * @return the two as one
     */
    public static StapledByteStream of(ByteSendStream sender, ByteReceiveStream receiver) {
        return new StapledByteStream(sender, receiver);
    }

    @Override
    public byte[] receive() throws IOException {
        return receiver.receive();
    }

    @Override
    public byte[] receive(int max) throws IOException {
        return receiver.receive(max);
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        return receiver.receive(target);
    }

    @Override
    public void awaitReceivable() throws IOException {
        receiver.awaitReceivable();
    }

    @Override
    public void send(byte[] bytes) throws IOException {
        sender.send(bytes);
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        sender.send(source);
    }

    @Override
    public void send(ByteBuffer... sources) throws IOException {
        sender.send(sources);
    }

    /**
     * Ends the sending. A sending half that is a two-way stream is told {@link ByteStream#sendEof()}; any other is closed.
     *
     * @throws IOException as listed in {@link ByteStream#sendEof()}
     */
    @Override
    public void sendEof() throws IOException {
        if (sender instanceof ByteStream twoWay) {
            twoWay.sendEof();
            return;
        }
        if (closed) {
            throw new ClosedResourceException(this + " is closed");
        }
        if (!ended) {
            // A send of nothing checks what has to be checked: cancelled, busy, broken by a send that was cut off.
            sender.send(ByteBuffer.allocate(0));
            ended = true;
            sender.close();
        }
    }

    /**
     * Closes both halves, the sending one first.
     *
     * @throws IOException if closing one of them reported a failure; that of the other is suppressed under it
     */
    @Override
    public void close() throws IOException {
        closed = true;
        Closing.all(List.of(sender, receiver));
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return receiver.find(attribute).or(() -> sender.find(attribute));
    }

    @Override
    public String toString() {
        return "StapledByteStream[to " + sender + ", from " + receiver + "]";
    }
}

package io.bobbinet.stream;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An object stream made of one to send to and one to receive from, such as the ends of two {@linkplain MemoryQueue
 * queues}.
 *
 * <p>It owns its halves. Each direction behaves as its half does. For attributes the receiving half is asked first.
 *
 * @param <T> the type of the items
 */
public final class StapledObjectStream<T> implements ObjectStream<T> {
    private final ObjectSendStream<T> sender;
    private final ObjectReceiveStream<T> receiver;

    /** Set when the sending half was closed to end the sending. */
    private volatile boolean ended;

    /** Set by {@link #close()}. */
    private volatile boolean closed;

    private StapledObjectStream(ObjectSendStream<T> sender, ObjectReceiveStream<T> receiver) {
        this.sender = Objects.requireNonNull(sender, "sender");
        this.receiver = Objects.requireNonNull(receiver, "receiver");
    }

    /**
     * Joins two streams, which belong to the new one from now on.
     *
     * @param <T> the type of the items
     * @param sender where to send
     * @param receiver where to receive
     * @return the two as one
     */
    public static <T> StapledObjectStream<T> of(ObjectSendStream<T> sender, ObjectReceiveStream<T> receiver) {
        return new StapledObjectStream<>(sender, receiver);
    }

    @Override
    public T receive() throws IOException {
        return receiver.receive();
    }

    @Override
    public void send(T item) throws IOException {
        sender.send(item);
    }

    /**
     * Ends the sending. A sending half that is a two-way stream is told {@link ObjectStream#sendEof()}; any other is closed.
     *
     * @throws IOException as listed in {@link ByteStream#sendEof()}
     */
    @Override
    public void sendEof() throws IOException {
        if (sender instanceof ObjectStream<T> twoWay) {
            twoWay.sendEof();
            return;
        }
        if (closed) {
            throw new ClosedResourceException(this + " is closed");
        }
        if (!ended) {
            CancelScope.checkpoint();
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
    public <A> Optional<A> find(Attribute<A> attribute) {
        return receiver.find(attribute).or(() -> sender.find(attribute));
    }

    @Override
    public String toString() {
        return "StapledObjectStream[to " + sender + ", from " + receiver + "]";
    }
}

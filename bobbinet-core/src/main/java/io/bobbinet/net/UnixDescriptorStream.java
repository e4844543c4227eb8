package io.bobbinet.net;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.SystemMessage;
import io.bobbinet.spi.SystemOptions;
import java.io.IOException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A UNIX stream that passes open descriptors, and credentials, beside its bytes, unix(7). Linux only.
 *
 * {@snippet file="DescriptorExamples.java" region="send"}
 *
 * {@snippet file="DescriptorExamples.java" region="receive"}
 *
 * <p>Made by {@link UnixStream#withDescriptors()}, {@link UnixConnector#withDescriptors()} and
 * {@link UnixListener#withDescriptors()}.
 *
 * <p>Descriptors travel with a byte: they arrive with the receive that takes the first byte of the message they were sent
 * with, be that ever so short. Bytes that were sent before may come in front of it in the same receive, bytes that were sent
 * after never follow it. Descriptors of two messages never come in one receive. What is
 * left of a message when its descriptors are taken is bytes like any others.
 *
 * <p>A plain receive, of this type's own methods or of a wrapper around it, takes bytes and keeps the descriptors it meets for
 * {@link #takeDescriptors()}; it forgets credentials.
 *
 * <p>One thread at a time may receive, in whatever way, and one may send.
 */
public final class UnixDescriptorStream extends UnixHandleStream implements SocketStream {
    /** What plain receives have met: as many as a message has at most. */
    private final UntakenDescriptors untaken = new UntakenDescriptors(ControlMessages.MOST_DESCRIPTORS);

    private UnixDescriptorStream(StreamHandle handle, UnixAddress local, UnixAddress peer) {
        super(handle, local, peer);
    }

    private UnixDescriptorStream(UnixStream plain) throws IOException {
        super(plain);
    }

    static UnixDescriptorStream takingOver(UnixStream plain) throws IOException {
        checkSupported(plain.supportedOptions());
        return new UnixDescriptorStream(plain);
    }

    /** Makes a stream of a handle that a listener has accepted. */
    static UnixDescriptorStream accepted(StreamHandle handle, UnixAddress local) {
        return new UnixDescriptorStream(handle, local, address(handle::remoteAddress));
    }

    /** Whoever can pass credentials can pass descriptors. */
    static void checkSupported(Set<SocketOption<?>> options) {
        if (!options.contains(SystemOptions.PASS_CREDENTIALS)) {
            throw LinuxOnly.missing(
                    "A channel of the JDK cannot pass descriptors; a UNIX stream of the backend linux can");
        }
    }

    // -- receiving

    /**
     * Receives bytes and what came beside them, one {@code recvmsg}. Waits as a plain receive does, for bytes; whether anything
     * comes beside them it cannot know.
     *
     * @param max how many bytes at most, of which no more than 65,536 are taken at once; with 0 the descriptors that came with
     *     the next byte are taken and all the bytes left
     * @return what came, which belongs to the caller, who closes it; at least one byte, unless {@code max} is 0
     * @throws IllegalArgumentException if {@code max} is negative
     * @throws io.bobbinet.stream.EndOfStreamException if the peer has ended the stream
     * @throws io.bobbinet.stream.BrokenResourceException if the connection is broken
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream, before or during the call
     * @throws io.bobbinet.stream.BusyResourceException if another thread is receiving
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing was taken, neither bytes nor
     *     descriptors
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user; nothing was taken
     */
    public UnixMessage receiveMessage(int max) throws IOException {
        if (max < 0) {
            throw new IllegalArgumentException("A number of bytes is not negative: " + max);
        }
        return receive(() -> {
            SystemMessage message = handle.receiveMessage(max);
            return message.end() ? null : UnixMessage.of(message);
        });
    }

    /**
     * Takes the descriptors that plain receives have met, in the order in which they came. Does not wait. At most 253 are
     * kept; what comes beyond that is closed, as if it had not been sent, so that no peer can make this process run out of
     * descriptors.
     *
     * @return the descriptors, which belong to the caller
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream, which closed them
     */
    public List<Descriptor> takeDescriptors() throws IOException {
        checkOpen("take descriptors of");
        return untaken.take();
    }

    /**
     * {@return whether descriptors that plain receives met were lost, at any time} Because they were more than 253, or because
     * this process had as many open as it may, {@code MSG_CTRUNC}. Of messages, {@link UnixMessage#isControlTruncated()} tells.
     */
    public boolean hasLostDescriptors() {
        return untaken.hasLost();
    }

    @Override
    byte[] read(int max) throws IOException, InterruptedException {
        SystemMessage message = receivePlainly(max);
        return message == null ? new byte[0] : message.data();
    }

    @Override
    int read(ByteBuffer target) throws IOException, InterruptedException {
        SystemMessage message = receivePlainly(target.remaining());
        if (message == null) {
            return -1;
        }
        target.put(message.data());
        return message.data().length;
    }

    private @Nullable SystemMessage receivePlainly(int max) throws IOException, InterruptedException {
        SystemMessage message = handle.receiveMessage(max);
        if (message.end()) {
            return null;
        }
        untaken.add(message.control());
        return message;
    }

    @Override
    void released() throws IOException {
        try {
            untaken.close();
        } finally {
            super.released();
        }
    }

    // -- sending

    /**
     * Sends bytes and, with the first of them, open descriptors. The peer gets descriptors of its own for the same files and
     * sockets, even if those given here are closed right after the call. What this does if it is cut short is what every send
     * does; before the first byte is out, so is no descriptor, and afterwards all are.
     *
     * @param data the bytes; at least one, unless there is no descriptor
     * @param descriptors what travels with them; it stays the caller's, and open
     * @throws IllegalArgumentException if there are descriptors and no byte that could carry them, more than 253 descriptors,
     *     or a closed one; nothing was sent
     * @throws java.net.SocketException if the system refuses the descriptors, such as when too many are under way; nothing was
     *     sent, and the stream is as it was
     * @throws IOException as every send
     */
    public void sendMessage(byte[] data, List<Descriptor> descriptors) throws IOException {
        sendBeside(ByteBuffer.wrap(data), ControlMessages.of(List.copyOf(descriptors), List.of()));
    }

    /**
     * Sends bytes and, with the first of them, control messages, as {@link #sendMessage(byte[], List)} does.
     *
     * @param data the bytes; at least one, unless there is nothing beside it. The position tells how many went out
     * @param beside what travels with them; descriptors stay the caller's. Several of one kind count as one; of a process
     *     number 0 this process's is made
     * @throws IllegalArgumentException if there is something to go beside the bytes and no byte that could carry it, more than
     *     253 descriptors, a closed one, or more than one credentials; nothing was sent
     * @throws java.net.SocketException if the system refuses what is to go beside the bytes, such as the credentials of others;
     *     nothing was sent, and the stream is as it was
     * @throws IOException as every send
     */
    public void sendMessage(ByteBuffer data, ControlMessage... beside) throws IOException {
        sendBeside(data, ControlMessages.of(beside));
    }

    private void sendBeside(ByteBuffer data, ControlData beside) throws IOException {
        if (beside != ControlData.NONE && !data.hasRemaining()) {
            throw new IllegalArgumentException("Without a byte nothing can travel beside it: at least 1 is needed");
        }
        send(data, beside);
    }
}

package io.bobbinet.net;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.spi.SystemMessage;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one {@code recvmsg} of a UNIX socket gave: bytes, and what came beside them. Made by
 * {@link UnixDescriptorStream#receiveMessage}, {@link UnixDatagramSocket#receiveMessage} and
 * {@link ConnectedUnixDatagramSocket#receiveMessage}.
 *
 * {@snippet file="DescriptorExamples.java" region="receive"}
 *
 * <p>It owns its descriptors. {@link #close()} closes those that were not opened or released, so a message that is closed
 * leaks nothing, whatever the peer has sent.
 */
public final class UnixMessage implements Closeable {
    private final byte[] data;
    private final int length;
    private final Optional<UnixAddress> sender;
    private final List<Descriptor> descriptors;
    private final List<UnixCredentials> credentials;
    private final boolean truncated;

    private UnixMessage(byte[] data, int length, Optional<UnixAddress> sender, ControlData beside) {
        this.data = data;
        this.length = length;
        this.sender = sender;
        this.descriptors = beside.descriptors().stream().map(Descriptor::new).toList();
        this.credentials =
                beside.credentials().stream().map(UnixMessage::credentials).toList();
        this.truncated = beside.truncated();
    }

    static UnixMessage of(SystemMessage message) {
        return of(message.data(), message.data().length, Optional.empty(), message.control());
    }

    static UnixMessage of(SystemDatagram datagram, Optional<UnixAddress> sender) {
        return of(datagram.data(), datagram.length(), sender, datagram.control());
    }

    private static UnixMessage of(byte[] data, int length, Optional<UnixAddress> sender, ControlData beside) {
        try {
            return new UnixMessage(data, length, sender, beside);
        } catch (Throwable t) {
            for (DescriptorHandle handle : beside.descriptors()) { // lack of memory; they belong to nobody yet
                try {
                    handle.close();
                } catch (IOException e) {
                    t.addSuppressed(e);
                }
            }
            throw t;
        }
    }

    private static UnixCredentials credentials(ProcessCredentials sender) {
        return new UnixCredentials(sender.pid(), sender.uid(), sender.gid());
    }

    /**
     * {@return the bytes, in an array that belongs to the caller} Empty if none were asked for.
     */
    public byte[] data() {
        return data;
    }

    /**
     * {@return who sent the datagram} Empty for a sender without a name, and for a stream, whose peer is known.
     */
    public Optional<UnixAddress> sender() {
        return sender;
    }

    /**
     * {@return whether bytes were cut off at the end of a datagram, because fewer were asked for than were sent} Never so for a
     * stream, which keeps what was not asked for.
     */
    public boolean isTruncated() {
        return length != data.length;
    }

    /**
     * {@return how many bytes the datagram had when it was sent} For a stream, how many bytes this has.
     */
    public int length() {
        return length;
    }

    /**
     * {@return what came beside the bytes: at most one of each kind, none that is empty}
     */
    public List<ControlMessage> controls() {
        List<ControlMessage> controls = new ArrayList<>();
        if (!descriptors.isEmpty()) {
            controls.add(new ControlMessage.Rights(descriptors));
        }
        if (!credentials.isEmpty()) {
            controls.add(new ControlMessage.Credentials(credentials));
        }
        return List.copyOf(controls);
    }

    /**
     * {@return the descriptors that came beside the bytes} This message closes them unless they are opened or released.
     */
    public List<Descriptor> descriptors() {
        return descriptors;
    }

    /**
     * {@return the credentials that came beside the bytes}
     */
    public List<UnixCredentials> credentials() {
        return credentials;
    }

    /**
     * {@return whether the system has thrown away some of what came beside the bytes, {@code MSG_CTRUNC}} It does when this
     * process has as many open descriptors as it may.
     */
    public boolean isControlTruncated() {
        return truncated;
    }

    /**
     * Closes the descriptors that were neither opened nor released nor closed. Idempotent.
     *
     * @throws IOException if closing one reported a failure; all are closed then too
     */
    @Override
    public void close() throws IOException {
        Descriptor.closeAll(descriptors);
    }

    /** {@return how many bytes, and what came beside them} */
    @Override
    public String toString() {
        return "UnixMessage[" + data.length + " bytes"
                + (isTruncated() ? " left of " + length + ", " : ", ") + descriptors.size() + " descriptors"
                + (credentials.isEmpty() ? "" : ", " + credentials)
                + (truncated ? ", control truncated]" : "]");
    }
}

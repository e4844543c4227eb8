package io.bobbinet.net;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.SystemMessage;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What one {@code recvmsg} of a UNIX socket gave: bytes, and what came beside them. Made by
 * {@link UnixDescriptorStream#receiveMessage}.
 *
 * {@snippet file="DescriptorExamples.java" region="receive"}
 *
 * <p>It owns its descriptors. {@link #close()} closes those that were not opened or released, so a message that is closed
 * leaks nothing, whatever the peer has sent.
 */
public final class UnixMessage implements Closeable {
    private final byte[] data;
    private final List<Descriptor> descriptors;
    private final List<UnixCredentials> credentials;
    private final boolean truncated;

    private UnixMessage(
            byte[] data, List<Descriptor> descriptors, List<UnixCredentials> credentials, boolean truncated) {
        this.data = data;
        this.descriptors = descriptors;
        this.credentials = credentials;
        this.truncated = truncated;
    }

    static UnixMessage of(SystemMessage message) {
        ControlData control = message.control();
        try {
            return new UnixMessage(
                    message.data(),
                    control.descriptors().stream().map(Descriptor::new).toList(),
                    control.credentials().stream().map(UnixMessage::credentials).toList(),
                    control.truncated());
        } catch (Throwable t) {
            for (DescriptorHandle handle : control.descriptors()) { // lack of memory; they belong to nobody yet
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
    public boolean isTruncated() {
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
        return "UnixMessage[" + data.length + " bytes, " + descriptors.size() + " descriptors"
                + (credentials.isEmpty() ? "" : ", " + credentials)
                + (truncated ? ", truncated]" : "]");
    }
}

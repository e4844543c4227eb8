package io.bobbinet.packet;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.UnixCredentials;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A packet and what came beside its bytes. Made by {@link PacketClient#receiveMessage()} and
 * {@link DatagramClient#receiveMessage()}.
 *
 * {@snippet file="PacketExamples.java" region="message"}
 *
 * <p>It owns its descriptors: {@link #close()} closes those that were not opened or released.
 *
 * @param <R> the type of the packet
 */
public final class PacketMessage<R> implements Closeable {
    private final R packet;

    private final List<Descriptor> descriptors;
    private final List<UnixCredentials> credentials;
    private final boolean truncated;

    PacketMessage(R packet, List<Descriptor> descriptors, List<UnixCredentials> credentials, boolean truncated) {
        this.packet = packet;
        this.descriptors = List.copyOf(descriptors);
        this.credentials = List.copyOf(credentials);
        this.truncated = truncated;
    }

    /** {@return the packet} */
    public R packet() {
        return packet;
    }

    /** {@return the descriptors that came with the packet, at most 253} This closes them unless they are opened or released. */
    public List<Descriptor> descriptors() {
        return descriptors;
    }

    /**
     * {@return the credentials that came with the packet} Of a stream, those of all who have sent bytes of it; most often there
     * is one. None unless the socket asks for them: {@link io.bobbinet.net.LinuxOptions#SO_PASSCRED}.
     */
    public List<UnixCredentials> credentials() {
        return credentials;
    }

    /** {@return what came with the packet: at most one of each kind, none that is empty} */
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
     * {@return whether some of what came with the packet was lost} Because this process had as many descriptors open as it may, or
     * because there were more than 253: what is beyond that is closed.
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
        IOException failure = null;
        for (Descriptor descriptor : descriptors) {
            try {
                descriptor.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** {@return the packet, and what came with it} */
    @Override
    public String toString() {
        return "PacketMessage[" + packet + ", " + controls() + (isControlTruncated() ? ", control truncated]" : "]");
    }
}

package io.bobbinet.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The service manager that has started this program and wants to know how it is doing, sd_notify(3): that it is ready, that
 * it stops, that it is alive.
 *
 * {@snippet file="ActivatedServer.java" region="ready"}
 *
 * <p>The variable {@code NOTIFY_SOCKET} of the environment names the socket of the manager. Where it is not set nobody wants
 * to know: nothing is sent, on any backend. Sending needs the backend {@code linux}.
 */
public final class Supervisor {
    /** The program has started and does its work. */
    public static final String READY = "READY=1";

    /** The program is about to end. */
    public static final String STOPPING = "STOPPING=1";

    /** What a message carries, {@code SCM_MAX_FD} of unix(7). */
    private static final int MOST_DESCRIPTORS = 253;

    private static final String VARIABLE = "NOTIFY_SOCKET";

    private Supervisor() {}

    /**
     * Tells a state.
     *
     * @param state assignments as sd_notify(3) lists them, such as {@link #READY} or {@code "STATUS=1 of 2 files read"};
     *     several are separated by line feeds
     * @return whether it was sent; false if there is no manager that wants to know
     * @throws IllegalArgumentException if the state is empty
     * @throws UnsupportedOperationException if there is a manager and the backend in force cannot send it anything; the message
     *     names one that can
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing was sent
     * @throws IOException if {@code NOTIFY_SOCKET} is neither an absolute path nor an abstract name with {@code @} before it, or
     *     the manager cannot be reached; or as {@link java.io.InterruptedIOException} if the thread was interrupted by the user
     */
    public static boolean notify(String state) throws IOException {
        return notify(state, List.of());
    }

    /**
     * Tells a state, and gives the manager descriptors to keep: with {@code FDSTORE=1} and, to name them,
     * {@code FDNAME=name}. After a restart of the program they are part of its {@link Activation}. The program keeps its own.
     *
     * @param state assignments as sd_notify(3) lists them, separated by line feeds
     * @param descriptors what to keep, at most 253 at a time
     * @return whether it was sent; false if there is no manager that wants to know
     * @throws IllegalArgumentException if the state is empty, a descriptor is closed, or there are too many
     * @throws UnsupportedOperationException if there is a manager and the backend in force cannot send it anything; the message
     *     names one that can
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing was sent
     * @throws IOException if {@code NOTIFY_SOCKET} is neither an absolute path nor an abstract name with {@code @} before it, or
     *     the manager cannot be reached; or as {@link java.io.InterruptedIOException} if the thread was interrupted by the user
     */
    public static boolean notify(String state, List<Descriptor> descriptors) throws IOException {
        return notify(System.getenv(), state, descriptors);
    }

    static boolean notify(Map<String, String> environment, String state, List<Descriptor> descriptors)
            throws IOException {
        if (state.isEmpty()) {
            throw new IllegalArgumentException("An empty state tells nothing");
        }
        List<DescriptorHandle> handles =
                descriptors.stream().map(Descriptor::toSend).toList();
        if (handles.size() > MOST_DESCRIPTORS) {
            throw new IllegalArgumentException("The service manager takes at most " + MOST_DESCRIPTORS
                    + " descriptors at a time, not " + handles.size());
        }
        CancelScope.checkpoint();
        String socket = environment.get(VARIABLE);
        if (socket == null || socket.isEmpty()) {
            return false;
        }
        UnixAddress manager = address(socket);
        UnixDatagram.checkSupported();
        try {
            send(manager, state.getBytes(UTF_8), handles);
            return true;
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (IOException e) {
            throw new IOException("The service manager at " + manager + " cannot be told: " + e.getMessage(), e);
        }
    }

    private static void send(UnixAddress manager, byte[] state, List<DescriptorHandle> descriptors)
            throws IOException, InterruptedException {
        ControlData beside = new ControlData(descriptors, List.of(), false);
        DatagramHandle socket = UnixDatagram.openHandle();
        try {
            socket.connect(manager.name()); // so that the system tells when there is room
            socket.sendMessage(ByteBuffer.wrap(state), Optional.empty(), beside);
        } finally {
            socket.close();
        }
    }

    /** {@return the address that the variable names} */
    static UnixAddress address(String socket) throws IOException {
        try {
            if (socket.startsWith("@")) {
                return UnixAddress.ofAbstract(socket.substring(1));
            }
            if (socket.startsWith("/")) {
                return UnixAddress.of(Path.of(socket));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(VARIABLE + " names no socket: " + e.getMessage(), e);
        }
        throw new IOException(
                VARIABLE + " is neither an absolute path nor an abstract name with @ before it: " + socket);
    }
}

package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.MSG_DONTWAIT;
import static io.bobbinet.linux.Constants.MSG_NOSIGNAL;
import static io.bobbinet.linux.Constants.POLLOUT;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.ControlRefusedException;
import io.bobbinet.spi.UnixName;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.spi.WaitQueue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing direction of a datagram socket, for any number of threads at once. Each tries by itself, and waits by itself if there
 * is no room.
 *
 * <p>The poller is asked for edges of this direction only while somebody waits: every datagram that has left the socket makes
 * one.
 */
final class DatagramSender {
    static final int FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

    private final LinuxDatagramHandle handle;

    /** How many threads are in the kernel. */
    private final AtomicInteger inKernel = new AtomicInteger();

    private final WaitQueue waiting = new WaitQueue("send");

    /** How many threads want edges. Written with the lock of the handle held. */
    private int edgeUsers;

    /** The last one; any thread may replace it, which does no harm. */
    private @Nullable Destination last;

    DatagramSender(LinuxDatagramHandle handle) {
        this.handle = handle;
    }

    /** Whether edges are wanted. Only with the lock of the handle held. */
    boolean wantsEdges() {
        return edgeUsers > 0;
    }

    boolean isInKernel() {
        return inKernel.get() > 0;
    }

    void signal() {
        waiting.signal();
    }

    Destination destination(SocketAddress to) throws IOException {
        Destination known = last;
        if (known == null || !known.isFor(to)) {
            known = Destination.of(to, handle.family);
            last = known;
        }
        return known;
    }

    // -- one datagram

    void send(ByteBuffer data) throws IOException, InterruptedException {
        MemorySegment bytes = MemorySegment.ofBuffer(data);
        int[] errno = new int[1];
        long result;
        enter();
        try {
            result = Libc.send(handle.fd, bytes, FLAGS, errno);
        } finally {
            leave();
        }
        if (result < 0) {
            result = goOn(result, null, number -> Libc.send(handle.fd, bytes, FLAGS, number));
            check(result, bytes.byteSize(), null);
        }
    }

    void send(ByteBuffer data, SocketAddress to) throws IOException, InterruptedException {
        Destination destination = destination(to);
        if (SocketAddresses.isPath(destination.bytes())) {
            check(sendBeside(data, destination, ControlData.NONE), data.remaining(), to);
            return;
        }
        MemorySegment bytes = MemorySegment.ofBuffer(data);
        int[] errno = new int[1];
        long result;
        enter();
        try {
            result = DatagramCalls.sendto(handle.fd, bytes, FLAGS, destination.bytes(), errno);
        } finally {
            leave();
        }
        if (result < 0) {
            result = goOn(
                    result,
                    destination,
                    number -> DatagramCalls.sendto(handle.fd, bytes, FLAGS, destination.bytes(), number));
            check(result, bytes.byteSize(), to);
        }
    }

    void send(ByteBuffer data, SocketAddress to, InetAddress from) throws IOException, InterruptedException {
        Destination destination = destination(to);
        long result = untilDone(destination, errno -> {
            MessageBuffer buffer = MessageBuffer.take();
            try {
                return buffer.sendDatagram(handle.fd, data, destination.bytes(), from, handle.family, errno);
            } finally {
                MessageBuffer.give(buffer);
            }
        });
        check(result, data.remaining(), to);
    }

    void sendMessage(ByteBuffer data, Optional<UnixName> to, ControlData control)
            throws IOException, InterruptedException {
        long result = sendBeside(data, to.isPresent() ? destination(to.get()) : null, control);
        if (result < 0) {
            checkAccepted(result, control);
            check(result, data.remaining(), to.orElse(null));
        }
    }

    private long sendBeside(ByteBuffer data, @Nullable Destination to, ControlData control)
            throws IOException, InterruptedException {
        byte[] address = to == null ? new byte[0] : to.bytes();
        return untilDone(to, errno -> {
            MessageBuffer buffer = MessageBuffer.take();
            try {
                return buffer.sendDatagram(handle.fd, data, address, control, errno);
            } finally {
                MessageBuffer.give(buffer);
            }
        });
    }

    /** Throws what it is to throw if the system has refused the control messages. Of descriptors it never says EPERM. */
    private static void checkAccepted(long result, ControlData control) throws ControlRefusedException {
        boolean credentials = !control.credentials().isEmpty();
        boolean descriptors = !control.descriptors().isEmpty() && !Errno.EPERM.is(result);
        if ((credentials || descriptors) && MessageBuffer.isRefusal(result)) {
            String reason =
                    ": the credentials are not those of this process, or the receiver is connected to another socket";
            throw new ControlRefusedException(Errno.text(result) + (Errno.EPERM.is(result) ? reason : ""));
        }
    }

    private void check(long result, long size, @Nullable SocketAddress to) throws IOException {
        if (result < 0) {
            throw handle.sendFailure(result, size, to);
        }
    }

    // -- trying and waiting

    /** One system call; gives what it gave. */
    interface Attempt {
        long make(int[] errno) throws IOException;
    }

    void enter() throws ClosedChannelException {
        handle.enter(inKernel);
    }

    void leave() {
        handle.leave(inKernel);
    }

    private long make(Attempt attempt) throws IOException {
        int[] errno = new int[1];
        enter();
        try {
            return attempt.make(errno);
        } finally {
            leave();
        }
    }

    /** Makes attempts until one goes through or fails, and gives what that gave. */
    long untilDone(@Nullable Destination to, Attempt attempt) throws IOException, InterruptedException {
        return goOn(make(attempt), to, attempt);
    }

    /** As {@link #untilDone}, after an attempt that gave something. */
    private long goOn(long result, @Nullable Destination to, Attempt attempt) throws IOException, InterruptedException {
        if (!isTemporary(result)) {
            return result;
        }
        WaitPoint point = waiting.join();
        try {
            return to != null && handle.family == AF_UNIX
                    ? untilReceived(to, attempt, point)
                    : untilRoom(attempt, point);
        } finally {
            waiting.leave(point);
        }
    }

    private static boolean isTemporary(long result) {
        return Errno.EAGAIN.is(result) || Errno.EINTR.is(result);
    }

    /** What is full is this socket or, if it is connected, its peer. */
    private long untilRoom(Attempt attempt, WaitPoint point) throws IOException, InterruptedException {
        wantEdges();
        try {
            while (true) {
                point.reset();
                long result = make(attempt);
                if (Errno.EAGAIN.is(result)) {
                    handle.await(point);
                } else if (!Errno.EINTR.is(result)) {
                    return result;
                }
            }
        } finally {
            leaveEdges();
        }
    }

    /** What is full is the receiver, or this socket with what others have not taken yet. */
    private long untilReceived(Destination to, Attempt attempt, WaitPoint point)
            throws IOException, InterruptedException {
        try (ReceiverRoom room = new ReceiverRoom(to.bytes())) {
            while (true) {
                point.reset();
                long result = make(attempt);
                if (Errno.EAGAIN.is(result)) {
                    awaitEither(room, point);
                } else if (!Errno.EINTR.is(result)) {
                    return result;
                }
            }
        }
    }

    private void awaitEither(ReceiverRoom room, WaitPoint point) throws IOException, InterruptedException {
        if (!room.await(point)) {
            // Room for this datagram may come without an edge: the system tells when three quarters are free again.
            boolean full = isFull();
            if (full) {
                wantEdges();
            }
            try {
                room.pause(point);
            } finally {
                if (full) {
                    leaveEdges();
                }
            }
        }
    }

    private boolean isFull() throws IOException {
        enter();
        try {
            return Libc.poll(handle.fd, POLLOUT) == 0;
        } finally {
            leave();
        }
    }

    private void wantEdges() throws IOException {
        synchronized (handle) {
            handle.checkOpen();
            edgeUsers++;
            if (edgeUsers == 1) {
                try {
                    handle.eventsChanged();
                } catch (Throwable t) {
                    edgeUsers--;
                    throw t;
                }
            }
        }
    }

    /** Does not fail: the datagram may be out. The poller is told more than it needs then. */
    private void leaveEdges() {
        synchronized (handle) {
            edgeUsers--;
            if (edgeUsers == 0 && handle.isOpen()) {
                try {
                    handle.eventsChanged();
                } catch (IOException e) {
                    // Until the next one who waits leaves.
                }
            }
        }
    }
}

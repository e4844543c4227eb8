package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.EPOLLET;
import static io.bobbinet.linux.Constants.EPOLLIN;
import static io.bobbinet.linux.Constants.EPOLLOUT;
import static io.bobbinet.linux.Constants.EPOLLPRI;
import static io.bobbinet.linux.Constants.EPOLLRDHUP;
import static io.bobbinet.linux.Constants.F_SETFL;
import static io.bobbinet.linux.Constants.MSG_DONTWAIT;
import static io.bobbinet.linux.Constants.MSG_NOSIGNAL;
import static io.bobbinet.linux.Constants.O_NONBLOCK;
import static io.bobbinet.linux.Constants.POLLIN;
import static io.bobbinet.linux.Constants.POLLOUT;
import static io.bobbinet.linux.Constants.SHUT_WR;
import static io.bobbinet.linux.Constants.SOL_SOCKET;
import static io.bobbinet.linux.Constants.SO_ERROR;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.ControlRefusedException;
import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.SystemMessage;
import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A stream socket. Reads and writes say {@code MSG_DONTWAIT}, so that the flags of a description that others share are left
 * alone, and one that is sent to others is as they expect it.
 */
final class LinuxStreamHandle extends LinuxHandle implements StreamHandle {
    /** More is not handed over at once: the collector waits while arrays of the heap are in the kernel. */
    private static final int MOST_AT_ONCE = 1 << 19;

    /**
     * Whether the last read took all there was, so that the next one would find nothing; owned by the reader. It then waits at
     * once, which saves a system call a message.
     *
     * <p>What comes after that read makes an edge. What came before it, and was not data, might not; see
     * {@link #isExceptional}. UNIX sockets are always asked again: their reads stop at control data.
     */
    private boolean drained;

    /** Where a write or connect waits. */
    private final Direction out = new Direction("write");

    LinuxStreamHandle(int fd, int family, LinuxPoller poller) {
        super(fd, family, poller, "read");
    }

    @Override
    void signalOut() {
        out.signal();
    }

    @Override
    boolean isInKernel() {
        return in.inKernel || out.inKernel;
    }

    @Override
    int events() {
        return EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
    }

    // -- connecting

    @Override
    public void connect(SocketAddress remote) throws IOException, InterruptedException {
        byte[] address = SocketAddresses.encode(remote, family);
        setFlags(O_NONBLOCK);
        int result = begin(address);
        if (Errno.EINPROGRESS.is(result)) {
            result = awaitConnected();
        } else if (family == AF_UNIX) {
            result = awaitRoom(result, address);
        }
        if (result < 0) {
            throw Errno.socketFailure(result);
        }
        setFlags(0);
    }

    private synchronized void setFlags(int flags) throws IOException {
        checkOpen();
        Errno.check(Libc.fcntl(fd, F_SETFL, flags));
    }

    private int begin(byte[] address) throws IOException {
        enter(out);
        try {
            return family == AF_UNIX ? FileCalls.connect(fd, address) : Libc.connect(fd, address);
        } finally {
            leave(out);
        }
    }

    private int awaitConnected() throws IOException, InterruptedException {
        while (true) {
            out.reset();
            enter(out);
            try {
                if (Libc.poll(fd, POLLOUT) != 0) {
                    return -SocketOptions.number(fd, SOL_SOCKET, SO_ERROR);
                }
            } finally {
                leave(out);
            }
            await(out);
        }
    }

    /** A UNIX connect that meets a full backlog fails, and there is nothing to wait for but time. */
    private int awaitRoom(int first, byte[] address) throws IOException, InterruptedException {
        int result = first;
        Pauses pauses = new Pauses();
        while (Errno.EAGAIN.is(result)) {
            out.reset();
            pauses.await(out);
            result = begin(address);
        }
        return result;
    }

    @Override
    public synchronized SocketAddress remoteAddress() throws IOException {
        checkOpen();
        return SocketAddresses.ask(Libc::getpeername, fd);
    }

    // -- reading

    @Override
    public int read(ByteBuffer target) throws IOException, InterruptedException {
        awaitIfDrained();
        MemorySegment room = atMost(MemorySegment.ofBuffer(target));
        while (true) {
            int count = tryRead(room);
            if (count >= 0) {
                target.position(target.position() + count);
                return count == 0 ? -1 : count;
            }
            await(in);
        }
    }

    @Override
    public byte[] read(int max) throws IOException, InterruptedException {
        awaitIfDrained();
        while (true) {
            byte[] scratch = ScratchArrays.take();
            try {
                int count = tryRead(MemorySegment.ofArray(scratch).asSlice(0, Math.min(max, scratch.length)));
                if (count >= 0) {
                    return Arrays.copyOf(scratch, count);
                }
            } finally {
                ScratchArrays.give(scratch);
            }
            await(in);
        }
    }

    private void awaitIfDrained() throws IOException, InterruptedException {
        if (drained) {
            if (!WaitPoint.isWaitingRefused()) {
                await(in);
            }
            drained = false;
        }
    }

    private static MemorySegment atMost(MemorySegment memory) {
        return memory.byteSize() > MOST_AT_ONCE ? memory.asSlice(0, MOST_AT_ONCE) : memory;
    }

    /** Gives how many bytes were read, 0 at the end, less if there are none yet. */
    private int tryRead(MemorySegment target) throws IOException {
        in.reset();
        enter(in);
        long count;
        try {
            count = Libc.recv(fd, target, MSG_DONTWAIT, in.errno);
        } finally {
            leave(in);
        }
        if (count > 0) {
            drained = count < target.byteSize() && family != AF_UNIX && !isExceptional();
        } else if (count < 0) {
            checkTemporary(in, count);
        }
        return (int) count;
    }

    /** Throws what a failed call is to throw, unless it is to be tried again after the next wait. */
    private static void checkTemporary(Direction direction, long result) throws IOException {
        if (Errno.EINTR.is(result)) {
            direction.signal(); // at once
        } else if (!Errno.EAGAIN.is(result)) {
            throw Errno.socketFailure(result);
        }
    }

    @Override
    public void awaitReadable() throws IOException, InterruptedException {
        drained = false; // the edge is used up here
        while (true) {
            in.reset();
            enter(in);
            int events;
            try {
                events = Libc.poll(fd, POLLIN);
            } finally {
                leave(in);
            }
            if (events != 0) {
                return;
            }
            await(in);
        }
    }

    @Override
    public SystemMessage receiveMessage(int max) throws IOException, InterruptedException {
        checkHasControlData();
        SystemMessage message = tryReceive(max);
        while (message == null) {
            await(in);
            message = tryReceive(max);
        }
        return message;
    }

    private @Nullable SystemMessage tryReceive(int max) throws IOException {
        in.reset();
        MessageBuffer buffer = MessageBuffer.take();
        try {
            enter(in);
            try {
                long count = buffer.receive(fd, max, in.errno);
                if (count >= 0) {
                    return buffer.received((int) count, max, fd);
                }
                checkTemporary(in, count);
                return null;
            } finally {
                leave(in);
            }
        } finally {
            MessageBuffer.give(buffer);
        }
    }

    // -- writing

    @Override
    public int write(ByteBuffer source) throws IOException, InterruptedException {
        MemorySegment part = atMost(MemorySegment.ofBuffer(source));
        int count = tryWrite(part);
        while (count < 0) {
            await(out);
            count = tryWrite(part);
        }
        source.position(source.position() + count);
        return count;
    }

    /** {@inheritDoc} Small buffers go out as one, by way of an array; a large one goes alone. */
    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException, InterruptedException {
        int first = offset;
        while (!sources[first].hasRemaining()) {
            first++;
        }
        int end = offset + length;
        if (first == end - 1 || sources[first].remaining() >= ScratchArrays.SIZE) {
            return write(sources[first]);
        }
        int count = tryWrite(sources, first, end);
        while (count < 0) {
            await(out);
            count = tryWrite(sources, first, end);
        }
        advance(sources, first, count);
        return count;
    }

    private int tryWrite(ByteBuffer[] sources, int from, int to) throws IOException {
        byte[] scratch = ScratchArrays.take();
        try {
            int size = gather(sources, from, to, scratch);
            return tryWrite(MemorySegment.ofArray(scratch).asSlice(0, size));
        } finally {
            ScratchArrays.give(scratch);
        }
    }

    private static int gather(ByteBuffer[] sources, int from, int to, byte[] target) {
        int size = 0;
        for (int i = from; i < to && size < target.length; i++) {
            int part = Math.min(sources[i].remaining(), target.length - size);
            sources[i].get(sources[i].position(), target, size, part);
            size += part;
        }
        return size;
    }

    private static void advance(ByteBuffer[] sources, int from, int count) {
        int left = count;
        for (int i = from; left > 0; i++) {
            int part = Math.min(sources[i].remaining(), left);
            sources[i].position(sources[i].position() + part);
            left -= part;
        }
    }

    /** Gives how many bytes the system took, less than 0 if there is no room. */
    private int tryWrite(MemorySegment source) throws IOException {
        out.reset();
        enter(out);
        long count;
        try {
            count = Libc.send(fd, source, MSG_DONTWAIT | MSG_NOSIGNAL, out.errno);
        } finally {
            leave(out);
        }
        if (count < 0) {
            checkTemporary(out, count);
        }
        return (int) count;
    }

    @Override
    public int sendMessage(ByteBuffer source, ControlData control) throws IOException, InterruptedException {
        checkHasControlData();
        int count = trySend(source, control);
        while (count <= 0) {
            await(out);
            count = trySend(source, control);
        }
        source.position(source.position() + count);
        return count;
    }

    private int trySend(ByteBuffer source, ControlData control) throws IOException {
        out.reset();
        MessageBuffer buffer = MessageBuffer.take();
        try {
            enter(out);
            try {
                long count = buffer.send(fd, source, control, out.errno);
                if (count < 0) {
                    checkAccepted(count);
                    checkTemporary(out, count);
                }
                return (int) count;
            } finally {
                leave(out);
            }
        } finally {
            MessageBuffer.give(buffer);
        }
    }

    /** Throws what it is to throw if the system has refused the control messages, which leaves the connection as it was. */
    private static void checkAccepted(long result) throws ControlRefusedException {
        if (MessageBuffer.isRefusal(result)) {
            throw new ControlRefusedException(Errno.text(result));
        }
    }

    @Override
    public void shutdownWrite() throws IOException {
        synchronized (this) {
            checkOpen();
            Errno.check(Libc.shutdown(fd, SHUT_WR));
        }
        out.signal(); // the system wakes no writer of a UNIX socket
    }

    // -- UNIX sockets

    private void checkHasControlData() {
        if (family != AF_UNIX) {
            throw new UnsupportedOperationException("TCP has no control messages; UNIX streams have");
        }
    }

    @Override
    public synchronized ProcessCredentials peerCredentials() throws IOException {
        if (family != AF_UNIX) {
            throw new UnsupportedOperationException("TCP does not tell who the peer is; UNIX streams do");
        }
        checkOpen();
        return SocketOptions.peerCredentials(fd);
    }
}

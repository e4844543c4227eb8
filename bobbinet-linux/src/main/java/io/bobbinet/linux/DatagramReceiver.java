package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.MSG_DONTWAIT;
import static io.bobbinet.linux.Constants.MSG_PEEK;
import static io.bobbinet.linux.Constants.MSG_TRUNC;
import static io.bobbinet.linux.Constants.POLLIN;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.SystemDatagram;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The incoming direction of a datagram socket, for one thread at a time. */
final class DatagramReceiver {
    private final LinuxDatagramHandle handle;
    private final SourceAddress source = new SourceAddress();
    private final PacketInfo info = new PacketInfo();

    /** Whether the system is asked where datagrams went to. Any thread may change it. */
    private volatile boolean asksForDestination;

    /** Whether the system may give several datagrams as one, {@code UDP_GRO}. Any thread may set it. */
    private volatile boolean coalesces;

    /** Datagrams that came with others and were not taken yet. */
    private final ArrayDeque<LeftOver> leftOvers = new ArrayDeque<>();

    /** What happened to a call that had received something, and is the next one's to tell. */
    private @Nullable IOException failure;

    DatagramReceiver(LinuxDatagramHandle handle) {
        this.handle = handle;
    }

    void askForDestination(boolean on) {
        asksForDestination = on;
    }

    void coalesce() {
        coalesces = true;
    }

    boolean coalesces() {
        return coalesces;
    }

    /** Tries until there is something. */
    private interface Attempt<T> {
        @Nullable
        T make() throws IOException;
    }

    private <T> T untilThere(Attempt<T> attempt) throws IOException, InterruptedException {
        T result = attempt.make();
        while (result == null) {
            handle.awaitIncoming();
            result = attempt.make();
        }
        return result;
    }

    /** Throws what a failed call is to throw, unless it is to be tried again after the next wait. */
    void checkTemporary(long result) throws IOException {
        if (Errno.EINTR.is(result)) {
            handle.in.signal(); // at once
        } else if (!Errno.EAGAIN.is(result)) {
            throw DatagramFailures.receiving(handle.family, result);
        }
    }

    void awaitReadable() throws IOException, InterruptedException {
        checkLeftOvers();
        if (failure == null && !hasLeftOvers()) {
            Integer unused = untilThere(this::askForEvents);
        }
    }

    /** Asks what there is to receive or to be told, without waiting; gives null if nothing. */
    @Nullable
    Integer askForEvents() throws IOException {
        handle.in.reset();
        handle.enter(handle.in);
        try {
            int events = Libc.poll(handle.fd, POLLIN);
            return events == 0 ? null : events;
        } finally {
            handle.leave(handle.in);
        }
    }

    // -- one datagram

    SystemDatagram receive(int max) throws IOException, InterruptedException {
        checkLeftOvers();
        tellFailure();
        while (true) {
            SystemDatagram datagram = tryReceive(max);
            if (datagram != null) {
                return datagram;
            }
            handle.awaitIncoming();
        }
    }

    private @Nullable SystemDatagram tryReceive(int max) throws IOException {
        if (hasLeftOvers()) {
            return takeLeftOver(max);
        }
        handle.in.reset();
        if (coalesces || asksForDestination) {
            return tryReceiveWithInfo(max);
        }
        byte[] scratch = ScratchArrays.take();
        try {
            return tryReceive(scratch, max);
        } finally {
            ScratchArrays.give(scratch);
        }
    }

    private @Nullable SystemDatagram tryReceive(byte[] scratch, int max) throws IOException {
        byte[] target = scratch;
        int[] errno = handle.in.errno;
        long length;
        handle.enter(handle.in);
        try {
            if (max > scratch.length && handle.family == AF_UNIX) {
                target = roomFor(scratch, max);
            }
            source.reset();
            int size = Math.min(max, target.length);
            length = DatagramCalls.recvfrom(
                    handle.fd, target, size, MSG_DONTWAIT | MSG_TRUNC, source.bytes, source.length, errno);
        } finally {
            handle.leave(handle.in);
        }
        if (length < 0) {
            checkTemporary(length);
            return null;
        }
        byte[] data = Arrays.copyOf(target, (int) Math.min(length, Math.min(max, target.length)));
        return new SystemDatagram(data, (int) length, source.decode(), Optional.empty(), ControlData.NONE);
    }

    /** UDP datagrams are never larger than an array of the pool. */
    private byte[] roomFor(byte[] scratch, int max) throws IOException {
        long length = lengthOfNext();
        return length > scratch.length ? new byte[(int) Math.min(length, max)] : scratch;
    }

    /** If another process that has the socket takes it first, the next one may be longer; then it is cut, and says so. */
    private long lengthOfNext() throws IOException {
        MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
        long length = Libc.recv(handle.fd, nothing, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC, handle.in.errno);
        if (length < 0) {
            checkTemporary(length); // a failure is told once, so this must tell it
        }
        return length;
    }

    // -- and what came beside it

    private @Nullable SystemDatagram tryReceiveWithInfo(int max) throws IOException {
        MessageBuffer buffer = MessageBuffer.take();
        try {
            // Room for all that may come as one.
            long length = tryReceive(buffer, MessageBuffer.DATA_SIZE, null);
            if (length < 0) {
                return null;
            }
            buffer.readInfo(info, coalesces);
            return info.segmentSize() > 0 && info.segmentSize() < length
                    ? split(buffer.bytes((int) length), max)
                    : new SystemDatagram(
                            buffer.bytes((int) Math.min(length, max)),
                            (int) length,
                            source.decode(),
                            info.destination(),
                            ControlData.NONE);
        } finally {
            MessageBuffer.give(buffer);
        }
    }

    /** Gives the first of several, and keeps the others. */
    private SystemDatagram split(byte[] bytes, int max) throws IOException {
        LeftOver several = new LeftOver(bytes, info.segmentSize(), source.decode(), info.destination());
        SystemDatagram first = several.take(max);
        leftOvers.add(several);
        return first;
    }

    private long tryReceive(MessageBuffer buffer, int max, @Nullable MemorySegment large) throws IOException {
        handle.enter(handle.in);
        long length;
        try {
            length = buffer.receiveDatagram(handle.fd, max, large, source, handle.in.errno);
        } finally {
            handle.leave(handle.in);
        }
        if (length < 0) {
            checkTemporary(length);
        }
        return length;
    }

    // -- what is left over

    /** What is left over is gone when the handle is closed; where nothing is, the calls that follow find that out. */
    void checkLeftOvers() throws ClosedChannelException {
        if (!leftOvers.isEmpty() && !handle.isOpen()) {
            leftOvers.clear();
            throw new ClosedChannelException();
        }
    }

    boolean hasLeftOvers() {
        return !leftOvers.isEmpty();
    }

    private SystemDatagram takeLeftOver(int max) {
        SystemDatagram datagram = leftOvers.element().take(max);
        removeIfEmpty();
        return datagram;
    }

    private void removeIfEmpty() {
        if (leftOvers.element().isEmpty()) {
            leftOvers.remove();
        }
    }

    /** Keeps a message of a batch. */
    void keep(BatchArrays arrays, int index, byte[] bytes, int segmentSize) throws IOException {
        arrays.readInfo(index, info);
        leftOvers.add(new LeftOver(bytes, segmentSize, arrays.sender(index), info.destination()));
    }

    /** Puts what is left over into a batch, as far as it has room. */
    void takeLeftOvers(DatagramVector batch) {
        while (hasLeftOvers() && batch.size() < batch.slots()) {
            leftOvers.element().moveTo(batch);
            removeIfEmpty();
        }
    }

    /** Keeps a failure for the next call, since this one has received something. */
    void failLater(IOException e) {
        if (failure == null) {
            failure = e;
        }
    }

    void tellFailure() throws IOException {
        IOException kept = failure;
        if (kept != null) {
            failure = null;
            throw kept;
        }
    }

    // -- UNIX control messages

    SystemDatagram receiveMessage(int max) throws IOException, InterruptedException {
        tellFailure();
        return untilThere(() -> tryReceiveMessage(max));
    }

    private @Nullable SystemDatagram tryReceiveMessage(int max) throws IOException {
        handle.in.reset();
        MessageBuffer buffer = MessageBuffer.take();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment large = max > MessageBuffer.DATA_SIZE ? largeRoom(arena, max) : null;
            long length = tryReceive(buffer, max, large);
            return length < 0 ? null : buffer.unixDatagram((int) length, source);
        } finally {
            MessageBuffer.give(buffer);
        }
    }

    private @Nullable MemorySegment largeRoom(Arena arena, int max) throws IOException {
        handle.enter(handle.in);
        long length;
        try {
            length = lengthOfNext();
        } finally {
            handle.leave(handle.in);
        }
        return length > MessageBuffer.DATA_SIZE ? arena.allocate(Math.min(length, max)) : null;
    }
}

package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.MSG_CMSG_CLOEXEC;
import static io.bobbinet.linux.Constants.MSG_CTRUNC;
import static io.bobbinet.linux.Constants.MSG_DONTWAIT;
import static io.bobbinet.linux.Constants.MSG_NOSIGNAL;
import static io.bobbinet.linux.Constants.MSG_PEEK;
import static io.bobbinet.linux.Constants.MSG_TRUNC;
import static io.bobbinet.linux.Constants.SCM_CREDENTIALS;
import static io.bobbinet.linux.Constants.SCM_PIDFD;
import static io.bobbinet.linux.Constants.SCM_RIGHTS;
import static io.bobbinet.linux.Constants.SOL_SOCKET;
import static io.bobbinet.linux.Constants.SO_SNDBUF;
import static io.bobbinet.linux.MessageLayout.CMSG_DATA;
import static io.bobbinet.linux.MessageLayout.CMSG_LEVEL;
import static io.bobbinet.linux.MessageLayout.CMSG_TYPE;
import static io.bobbinet.linux.MessageLayout.HEADER_SIZE;
import static io.bobbinet.linux.MessageLayout.IOVEC_SIZE;
import static io.bobbinet.linux.MessageLayout.IOV_BASE;
import static io.bobbinet.linux.MessageLayout.IOV_LEN;
import static io.bobbinet.linux.MessageLayout.MSG_CONTROL;
import static io.bobbinet.linux.MessageLayout.MSG_CONTROLLEN;
import static io.bobbinet.linux.MessageLayout.MSG_FLAGS;
import static io.bobbinet.linux.MessageLayout.MSG_IOV;
import static io.bobbinet.linux.MessageLayout.MSG_IOVLEN;
import static io.bobbinet.linux.MessageLayout.MSG_NAME;
import static io.bobbinet.linux.MessageLayout.MSG_NAMELEN;
import static io.bobbinet.linux.MessageLayout.aligned;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.ControlRefusedException;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.spi.SystemMessage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for one {@code sendmsg} or {@code recvmsg}: a {@code struct msghdr}, its one {@code struct iovec}, control
 * messages, and the bytes. Taken for the time of a call.
 */
final class MessageBuffer {
    static final int MOST_DESCRIPTORS = 253; // SCM_MAX_FD of <net/scm.h>, which no header of libc has

    private static final int SLOTS = 4;
    private static final AtomicReferenceArray<@Nullable MessageBuffer> FREE = new AtomicReferenceArray<>(SLOTS);

    private static final int UCRED_SIZE = 12;

    /** For every descriptor that a message can have, credentials, and a few more of what nobody asked for. */
    private static final int CONTROL_SIZE = 2048;

    static final int DATA_SIZE = 65_536;

    private final MemorySegment header;
    private final MemorySegment name;
    private final MemorySegment vector;
    private final MemorySegment control;
    private final MemorySegment data;
    private final MemorySegment pathErrno;

    /** Where the bytes of the last receive are. */
    private MemorySegment target;

    private MessageBuffer() {
        Arena arena = Arena.ofAuto();
        header = arena.allocate(HEADER_SIZE, 8);
        name = arena.allocate(SocketAddresses.LONGEST, 8);
        vector = arena.allocate(IOVEC_SIZE, 8);
        control = arena.allocate(CONTROL_SIZE, 8);
        data = arena.allocate(DATA_SIZE, 8);
        pathErrno = arena.allocate(JAVA_INT);
        target = data;
        header.set(ADDRESS, MSG_IOV, vector);
        header.set(JAVA_LONG, MSG_IOVLEN, 1);
        vector.set(ADDRESS, IOV_BASE, data);
    }

    static MessageBuffer take() {
        for (int i = 0; i < SLOTS; i++) {
            MessageBuffer buffer = FREE.get(i) == null ? null : FREE.getAndSet(i, null);
            if (buffer != null) {
                return buffer;
            }
        }
        return new MessageBuffer();
    }

    static void give(MessageBuffer buffer) {
        for (int i = 0; i < SLOTS; i++) {
            if (FREE.get(i) == null && FREE.compareAndSet(i, null, buffer)) {
                return;
            }
        }
    }

    // -- receiving

    /** One {@code recvmsg}; {@link #received} tells what it gave. */
    long receive(int fd, int max, int[] errno) {
        target = data;
        setData(target, Math.min(max, DATA_SIZE));
        setName(MemorySegment.NULL, 0);
        header.set(ADDRESS, MSG_CONTROL, control);
        header.set(JAVA_LONG, MSG_CONTROLLEN, CONTROL_SIZE);
        return Libc.recvmsg(fd, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, errno);
    }

    /** What {@link #receive} has given, of a stream. */
    SystemMessage received(int count, int max, int fd) {
        try {
            ControlData beside = parse();
            if (count == 0 && beside.descriptors().isEmpty() && (max > 0 || isAtEnd(fd))) {
                return new SystemMessage(new byte[0], true, ControlData.NONE);
            }
            return new SystemMessage(bytes(count), false, beside);
        } catch (Throwable t) {
            closeReceived(); // lack of memory; what has come belongs to nobody yet
            throw t;
        }
    }

    /**
     * One {@code recvmsg} of a datagram; gives its real length. What has no room is lost. {@link #unixDatagram},
     * {@link #bytes} and {@link #readInfo} tell what it gave.
     *
     * @param large native memory, or null for that of this buffer
     */
    long receiveDatagram(int fd, int max, @Nullable MemorySegment large, SourceAddress source, int[] errno) {
        target = large == null ? data : large;
        setData(target, Math.min(max, target.byteSize()));
        setName(name, SocketAddresses.LONGEST);
        header.set(ADDRESS, MSG_CONTROL, control);
        header.set(JAVA_LONG, MSG_CONTROLLEN, CONTROL_SIZE);
        long length = Libc.recvmsg(fd, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC, errno);
        if (length >= 0) {
            source.length[0] = Math.min(header.get(JAVA_INT, MSG_NAMELEN), SocketAddresses.LONGEST);
            MemorySegment.copy(name, JAVA_BYTE, 0, source.bytes, 0, source.length[0]);
        }
        return length;
    }

    /** A UNIX datagram that was received, of a real length. */
    SystemDatagram unixDatagram(int length, SourceAddress source) throws IOException {
        try {
            return new SystemDatagram(bytes(length), length, source.decode(), Optional.empty(), parse());
        } catch (Throwable t) {
            closeReceived(); // lack of memory; what has come belongs to nobody yet
            throw t;
        }
    }

    /** As many of the bytes that a receive gave as there was room for. */
    byte[] bytes(int length) {
        return target.asSlice(0, Math.min(length, vector.get(JAVA_LONG, IOV_LEN)))
                .toArray(JAVA_BYTE);
    }

    /**
     * What came beside a UDP datagram.
     *
     * @param coalesces whether it may be several; then it fails where nobody knows that
     */
    void readInfo(PacketInfo info, boolean coalesces) throws IOException {
        info.read(controlMessages());
        if (coalesces && isControlCut() && info.segmentSize() == 0) {
            throw PacketInfo.crowdedOut(controlMessages());
        }
    }

    private void setData(MemorySegment room, long size) {
        vector.set(ADDRESS, IOV_BASE, room);
        vector.set(JAVA_LONG, IOV_LEN, size);
    }

    private void setName(MemorySegment address, int size) {
        header.set(ADDRESS, MSG_NAME, address);
        header.set(JAVA_INT, MSG_NAMELEN, size);
    }

    private ControlWalk controlMessages() {
        return new ControlWalk(control, 0, header.get(JAVA_LONG, MSG_CONTROLLEN));
    }

    private boolean isControlCut() {
        return (header.get(JAVA_INT, MSG_FLAGS) & MSG_CTRUNC) != 0;
    }

    private ControlData parse() {
        List<DescriptorHandle> descriptors = new ArrayList<>();
        List<ProcessCredentials> credentials = new ArrayList<>();
        ControlWalk messages = controlMessages();
        while (messages.next()) {
            if (messages.level() == SOL_SOCKET) {
                take(messages.type(), messages.data(), descriptors, credentials);
            }
        }
        return new ControlData(descriptors, credentials, isControlCut());
    }

    private void closeReceived() {
        ControlWalk messages = controlMessages();
        while (messages.next()) {
            if (messages.is(SOL_SOCKET, SCM_RIGHTS)) {
                MemorySegment numbers = messages.data();
                for (long at = 0; at + 4 <= numbers.byteSize(); at += 4) {
                    FileCalls.closeQuietly(numbers.get(JAVA_INT, at));
                }
            }
        }
    }

    private static void take(
            int type, MemorySegment data, List<DescriptorHandle> descriptors, List<ProcessCredentials> credentials) {
        long size = data.byteSize();
        switch (type) {
            case SCM_RIGHTS -> {
                for (long at = 0; at + 4 <= size; at += 4) {
                    descriptors.add(new LinuxDescriptor(data.get(JAVA_INT, at)));
                }
            }
            case SCM_CREDENTIALS -> {
                for (long at = 0; at + UCRED_SIZE <= size; at += UCRED_SIZE) {
                    credentials.add(credentials(data.asSlice(at, UCRED_SIZE)));
                }
            }
            // Comes only if asked for by number, SO_PASSPIDFD; but it is an open descriptor.
            case SCM_PIDFD -> {
                if (size >= 4) {
                    FileCalls.closeQuietly(data.get(JAVA_INT, 0));
                }
            }
            default -> {}
        }
    }

    /** A {@code struct ucred}. */
    static ProcessCredentials credentials(MemorySegment ucred) {
        return new ProcessCredentials(
                ucred.get(JAVA_INT_UNALIGNED, 0),
                Integer.toUnsignedLong(ucred.get(JAVA_INT_UNALIGNED, 4)),
                Integer.toUnsignedLong(ucred.get(JAVA_INT_UNALIGNED, 8)));
    }

    /** Whether nothing came because there is nothing any more, and not because no bytes were asked for. */
    private static boolean isAtEnd(int fd) {
        return Libc.recv(fd, MemorySegment.ofArray(new byte[1]), MSG_PEEK | MSG_DONTWAIT, new int[1]) == 0;
    }

    // -- sending

    /** One {@code sendmsg} of a stream. The position of the source stays. */
    long send(int fd, ByteBuffer source, ControlData beside, int[] errno) throws IOException {
        int size = Math.min(source.remaining(), DATA_SIZE);
        MemorySegment.copy(MemorySegment.ofBuffer(source), 0, data, 0, size);
        setData(data, size);
        setName(MemorySegment.NULL, 0);
        return sendBeside(fd, false, beside, errno);
    }

    /** One {@code sendmsg} of a UNIX datagram; to the peer if there is no address. */
    long sendDatagram(int fd, ByteBuffer source, byte[] to, ControlData beside, int[] errno) throws IOException {
        putName(to);
        boolean path = SocketAddresses.isPath(to);
        int size = source.remaining();
        if (size <= DATA_SIZE) {
            MemorySegment.copy(MemorySegment.ofBuffer(source), 0, data, 0, size);
            setData(data, size);
            return sendBeside(fd, path, beside, errno);
        }
        if (size > SocketOptions.number(fd, SOL_SOCKET, SO_SNDBUF)) {
            return Errno.EMSGSIZE.result(); // what the system would say, without a copy for it
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment large = arena.allocate(size);
            large.copyFrom(MemorySegment.ofBuffer(source));
            setData(large, size);
            return sendBeside(fd, path, beside, errno);
        }
    }

    /** One {@code sendmsg} of a UDP datagram that is to come from an address. */
    long sendDatagram(int fd, ByteBuffer source, byte[] to, InetAddress from, int family, int[] errno) {
        int size = source.remaining();
        if (size > DATA_SIZE) {
            return Errno.EMSGSIZE.result();
        }
        putName(to);
        MemorySegment.copy(MemorySegment.ofBuffer(source), 0, data, 0, size);
        setData(data, size);
        header.set(ADDRESS, MSG_CONTROL, control);
        header.set(JAVA_LONG, MSG_CONTROLLEN, PacketInfo.write(control, from, family));
        return Libc.sendmsg(fd, header, MSG_DONTWAIT | MSG_NOSIGNAL, errno);
    }

    private void putName(byte[] to) {
        MemorySegment.copy(to, 0, name, JAVA_BYTE, 0, to.length);
        setName(to.length == 0 ? MemorySegment.NULL : name, to.length);
    }

    private long sendBeside(int fd, boolean path, ControlData beside, int[] errno) throws IOException {
        if (beside.descriptors().size() > MOST_DESCRIPTORS) {
            return Errno.EINVAL.result(); // what the system would say
        }
        List<LinuxDescriptor> held = new ArrayList<>(beside.descriptors().size()); // enough: adding cannot fail
        try {
            long end = putRights(0, beside.descriptors(), held);
            end = putCredentials(end, beside.credentials());
            header.set(ADDRESS, MSG_CONTROL, end == 0 ? MemorySegment.NULL : control);
            header.set(JAVA_LONG, MSG_CONTROLLEN, end);
            int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
            return path ? DatagramCalls.sendmsg(fd, header, flags, pathErrno) : Libc.sendmsg(fd, header, flags, errno);
        } finally {
            held.forEach(LinuxDescriptor::leave);
        }
    }

    /** Whether this is what the system says of control messages that it does not take. */
    static boolean isRefusal(long result) {
        return Errno.EPERM.is(result)
                || Errno.ESRCH.is(result)
                || Errno.EBADF.is(result)
                || Errno.EINVAL.is(result)
                || Errno.ETOOMANYREFS.is(result);
    }

    /** Puts the descriptors in and holds them, so that none is closed meanwhile. */
    private long putRights(long at, List<DescriptorHandle> descriptors, List<LinuxDescriptor> held)
            throws ControlRefusedException {
        if (descriptors.isEmpty()) {
            return at;
        }
        putHeader(at, SCM_RIGHTS, 4L * descriptors.size());
        long end = at + CMSG_DATA;
        for (DescriptorHandle handle : descriptors) {
            LinuxDescriptor descriptor = (LinuxDescriptor) handle;
            control.set(JAVA_INT, end, enter(descriptor));
            held.add(descriptor);
            end += 4;
        }
        return aligned(end);
    }

    /** A closed descriptor must not be taken for a closed socket. */
    private static int enter(LinuxDescriptor descriptor) throws ControlRefusedException {
        try {
            return descriptor.enter();
        } catch (ClosedChannelException e) {
            throw new ControlRefusedException("A descriptor was closed before it was sent");
        }
    }

    private long putCredentials(long at, List<ProcessCredentials> credentials) {
        if (credentials.isEmpty()) {
            return at;
        }
        putHeader(at, SCM_CREDENTIALS, (long) UCRED_SIZE * credentials.size());
        long end = at + CMSG_DATA;
        for (ProcessCredentials each : credentials) {
            control.set(JAVA_INT, end, each.pid());
            control.set(JAVA_INT, end + 4, (int) each.uid());
            control.set(JAVA_INT, end + 8, (int) each.gid());
            end += UCRED_SIZE;
        }
        return aligned(end);
    }

    private void putHeader(long at, int type, long size) {
        control.set(JAVA_LONG, at, CMSG_DATA + size);
        control.set(JAVA_INT, at + CMSG_LEVEL, SOL_SOCKET);
        control.set(JAVA_INT, at + CMSG_TYPE, type);
    }
}

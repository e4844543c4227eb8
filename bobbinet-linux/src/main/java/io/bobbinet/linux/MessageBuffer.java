package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.MSG_CMSG_CLOEXEC;
import static io.bobbinet.linux.Constants.MSG_CTRUNC;
import static io.bobbinet.linux.Constants.MSG_DONTWAIT;
import static io.bobbinet.linux.Constants.MSG_NOSIGNAL;
import static io.bobbinet.linux.Constants.MSG_PEEK;
import static io.bobbinet.linux.Constants.SCM_CREDENTIALS;
import static io.bobbinet.linux.Constants.SCM_PIDFD;
import static io.bobbinet.linux.Constants.SCM_RIGHTS;
import static io.bobbinet.linux.Constants.SOL_SOCKET;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.ControlRefusedException;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.SystemMessage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
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

    // struct msghdr of <sys/socket.h>
    private static final int HEADER_SIZE = 56;
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int MSG_CONTROL = 32;
    private static final int MSG_CONTROLLEN = 40;
    private static final int MSG_FLAGS = 48;

    // struct cmsghdr: the length, which is that of the whole, level, type; then the data
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;

    private static final int UCRED_SIZE = 12;

    /** For every descriptor that a message can have, credentials, and a few more of what nobody asked for. */
    private static final int CONTROL_SIZE = 2048;

    static final int DATA_SIZE = 65_536;

    private final MemorySegment header;
    private final MemorySegment vector;
    private final MemorySegment control;
    private final MemorySegment data;

    private MessageBuffer() {
        Arena arena = Arena.ofAuto();
        header = arena.allocate(HEADER_SIZE, 8);
        vector = arena.allocate(16, 8);
        control = arena.allocate(CONTROL_SIZE, 8);
        data = arena.allocate(DATA_SIZE, 8);
        header.set(ADDRESS, MSG_IOV, vector);
        header.set(JAVA_LONG, MSG_IOVLEN, 1);
        vector.set(ADDRESS, 0, data);
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
        vector.set(JAVA_LONG, 8, Math.min(max, DATA_SIZE));
        header.set(ADDRESS, MSG_CONTROL, control);
        header.set(JAVA_LONG, MSG_CONTROLLEN, CONTROL_SIZE);
        return Libc.recvmsg(fd, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, errno);
    }

    SystemMessage received(int count, int max, int fd) {
        try {
            return parse(count, max, fd);
        } catch (Throwable t) {
            closeReceived(); // lack of memory; what has come belongs to nobody yet
            throw t;
        }
    }

    private SystemMessage parse(int count, int max, int fd) {
        List<DescriptorHandle> descriptors = new ArrayList<>();
        List<ProcessCredentials> credentials = new ArrayList<>();
        long end = header.get(JAVA_LONG, MSG_CONTROLLEN);
        for (long at = 0; at + CMSG_DATA <= end; at += aligned(control.get(JAVA_LONG, at))) {
            long size = control.get(JAVA_LONG, at);
            if (size < CMSG_DATA) {
                break;
            }
            take(control.asSlice(at, Math.min(size, end - at)), descriptors, credentials);
        }
        if (count == 0 && descriptors.isEmpty() && (max > 0 || isAtEnd(fd))) {
            return new SystemMessage(new byte[0], true, ControlData.NONE);
        }
        boolean truncated = (header.get(JAVA_INT, MSG_FLAGS) & MSG_CTRUNC) != 0;
        return new SystemMessage(
                data.asSlice(0, count).toArray(JAVA_BYTE), false, new ControlData(descriptors, credentials, truncated));
    }

    private void closeReceived() {
        long end = header.get(JAVA_LONG, MSG_CONTROLLEN);
        for (long at = 0; at + CMSG_DATA <= end; at += aligned(control.get(JAVA_LONG, at))) {
            long size = control.get(JAVA_LONG, at);
            if (size < CMSG_DATA) {
                return;
            }
            if (control.get(JAVA_INT, at + CMSG_LEVEL) == SOL_SOCKET
                    && control.get(JAVA_INT, at + CMSG_TYPE) == SCM_RIGHTS) {
                for (long each = CMSG_DATA; each + 4 <= size; each += 4) {
                    FileCalls.closeQuietly(control.get(JAVA_INT, at + each));
                }
            }
        }
    }

    private static void take(
            MemorySegment message, List<DescriptorHandle> descriptors, List<ProcessCredentials> credentials) {
        if (message.get(JAVA_INT, CMSG_LEVEL) != SOL_SOCKET) {
            return;
        }
        long size = message.byteSize();
        switch (message.get(JAVA_INT, CMSG_TYPE)) {
            case SCM_RIGHTS -> {
                for (long at = CMSG_DATA; at + 4 <= size; at += 4) {
                    descriptors.add(new LinuxDescriptor(message.get(JAVA_INT, at)));
                }
            }
            case SCM_CREDENTIALS -> {
                for (long at = CMSG_DATA; at + UCRED_SIZE <= size; at += UCRED_SIZE) {
                    credentials.add(credentials(message.asSlice(at, UCRED_SIZE)));
                }
            }
            // Comes only if asked for by number, SO_PASSPIDFD; but it is an open descriptor.
            case SCM_PIDFD -> FileCalls.closeQuietly(message.get(JAVA_INT, CMSG_DATA));
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

    /** One {@code sendmsg}. The position of the source stays. */
    long send(int fd, ByteBuffer source, ControlData beside, int[] errno) throws IOException {
        if (beside.descriptors().size() > MOST_DESCRIPTORS) {
            return Errno.EINVAL.result(); // what the system would say
        }
        int size = Math.min(source.remaining(), DATA_SIZE);
        MemorySegment.copy(MemorySegment.ofBuffer(source), 0, data, 0, size);
        vector.set(JAVA_LONG, 8, size);
        List<LinuxDescriptor> held = new ArrayList<>(beside.descriptors().size()); // enough: adding cannot fail
        try {
            long end = putRights(0, beside.descriptors(), held);
            end = putCredentials(end, beside.credentials());
            header.set(ADDRESS, MSG_CONTROL, end == 0 ? MemorySegment.NULL : control);
            header.set(JAVA_LONG, MSG_CONTROLLEN, end);
            return Libc.sendmsg(fd, header, MSG_DONTWAIT | MSG_NOSIGNAL, errno);
        } finally {
            held.forEach(LinuxDescriptor::leave);
        }
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

    private static long aligned(long size) {
        return (size + 7) & ~7L;
    }
}

package io.bobbinet.linux;

import static io.bobbinet.linux.MessageLayout.CMSG_DATA;
import static io.bobbinet.linux.MessageLayout.CMSG_LEVEL;
import static io.bobbinet.linux.MessageLayout.CMSG_TYPE;
import static io.bobbinet.linux.MessageLayout.ENTRY_SIZE;
import static io.bobbinet.linux.MessageLayout.IOVEC_SIZE;
import static io.bobbinet.linux.MessageLayout.IOV_BASE;
import static io.bobbinet.linux.MessageLayout.IOV_LEN;
import static io.bobbinet.linux.MessageLayout.MSG_CONTROL;
import static io.bobbinet.linux.MessageLayout.MSG_CONTROLLEN;
import static io.bobbinet.linux.MessageLayout.MSG_FLAGS;
import static io.bobbinet.linux.MessageLayout.MSG_IOV;
import static io.bobbinet.linux.MessageLayout.MSG_IOVLEN;
import static io.bobbinet.linux.MessageLayout.MSG_LEN;
import static io.bobbinet.linux.MessageLayout.MSG_NAME;
import static io.bobbinet.linux.MessageLayout.MSG_NAMELEN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.bobbinet.spi.DatagramVector;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;

/**
 * What {@code recvmmsg} and {@code sendmmsg} need beside the datagrams of a vector, with which it is kept: an array of {@code struct
 * mmsghdr}, and those that it points to. Whoever uses them keeps the vector reachable.
 */
final class BatchArrays {
    private static final int LEAST = 16;
    private static final int MOST = 128;
    private static final int NAME_SIZE = SocketAddresses.LONGEST;

    /** How many messages one call can have. */
    final int capacity;

    /** How many pieces they can have together. */
    final int vectorCapacity;

    /** How many datagrams each message is; for sends. */
    final int[] counts;

    /** Whether a send goes to the peer, whatever the addresses. */
    boolean toPeer;

    /** The datagram from which on several were refused once as one message in a send; -1 if none. */
    int doubted;

    final MemorySegment messages;
    final MemorySegment errno;
    final AddressCache senders = new AddressCache();
    final DestinationCache destinations = new DestinationCache();

    private final long data;
    private final MemorySegment vectors;
    private final MemorySegment names;
    private final MemorySegment controls;

    private BatchArrays(DatagramVector vector) {
        capacity = Math.clamp(vector.slots(), LEAST, MOST);
        vectorCapacity = 4 * capacity;
        counts = new int[capacity];
        Arena arena = Arena.ofAuto(); // one for all: the array in a call keeps the others
        messages = arena.allocate((long) capacity * ENTRY_SIZE, 8);
        errno = arena.allocate(JAVA_INT);
        vectors = arena.allocate((long) vectorCapacity * IOVEC_SIZE, 8);
        names = arena.allocate((long) capacity * NAME_SIZE, 8);
        controls = arena.allocate((long) capacity * PacketInfo.CONTROL_SIZE, 8);
        data = MemorySegment.ofBuffer(vector.memory()).address();
    }

    static BatchArrays of(DatagramVector vector) {
        return vector.attachment(BatchArrays.class, () -> new BatchArrays(vector));
    }

    // -- before a call

    /** A piece at a place of the vector's memory. */
    void putPiece(int index, long offset, long size) {
        putPieceAt(index, data + offset, size);
    }

    void putPieceAt(int index, long address, long size) {
        vectors.set(JAVA_LONG, (long) index * IOVEC_SIZE + IOV_BASE, address);
        vectors.set(JAVA_LONG, (long) index * IOVEC_SIZE + IOV_LEN, size);
    }

    /** A message that is to be received into pieces. */
    void putReceive(int index, int firstPiece, int pieces, boolean control) {
        putMessage(index, firstPiece, pieces, NAME_SIZE, control ? PacketInfo.CONTROL_SIZE : 0);
    }

    /** A message that is to be sent from pieces; its segments are of a size, or it is one if that is 0. */
    void putSend(int index, int firstPiece, int pieces, byte[] to, int segmentSize) {
        MemorySegment.copy(to, 0, names, JAVA_BYTE, (long) index * NAME_SIZE, to.length);
        if (segmentSize > 0) {
            long at = (long) index * PacketInfo.CONTROL_SIZE;
            controls.set(JAVA_LONG, at, CMSG_DATA + Short.BYTES);
            controls.set(JAVA_INT, at + CMSG_LEVEL, Constants.IPPROTO_UDP);
            controls.set(JAVA_INT, at + CMSG_TYPE, Constants.UDP_SEGMENT);
            controls.set(JAVA_SHORT, at + CMSG_DATA, (short) segmentSize);
        }
        long control = segmentSize > 0 ? MessageLayout.aligned(CMSG_DATA + Short.BYTES) : 0;
        putMessage(index, firstPiece, pieces, to.length, control);
    }

    private void putMessage(int index, int firstPiece, int pieces, int nameSize, long controlSize) {
        long at = (long) index * ENTRY_SIZE;
        messages.set(JAVA_LONG, at + MSG_NAME, nameSize == 0 ? 0 : names.address() + (long) index * NAME_SIZE);
        messages.set(JAVA_INT, at + MSG_NAMELEN, nameSize);
        messages.set(JAVA_LONG, at + MSG_IOV, vectors.address() + (long) firstPiece * IOVEC_SIZE);
        messages.set(JAVA_LONG, at + MSG_IOVLEN, pieces);
        long control = controls.address() + (long) index * PacketInfo.CONTROL_SIZE;
        messages.set(JAVA_LONG, at + MSG_CONTROL, controlSize == 0 ? 0 : control);
        messages.set(JAVA_LONG, at + MSG_CONTROLLEN, controlSize);
        messages.set(JAVA_INT, at + MSG_FLAGS, 0);
    }

    // -- after a call that received

    /** How many bytes a message has; more than there was room for if it was cut. */
    int length(int index) {
        return messages.get(JAVA_INT, (long) index * ENTRY_SIZE + MSG_LEN);
    }

    SocketAddress sender(int index) throws IOException {
        int size = messages.get(JAVA_INT, (long) index * ENTRY_SIZE + MSG_NAMELEN);
        return senders.decode(names, (long) index * NAME_SIZE, Math.min(size, NAME_SIZE));
    }

    /** Whether a message is several datagrams, as far as the system has told. */
    boolean isSeveral(int index) {
        int size = PacketInfo.segmentSize(controlMessages(index));
        return size > 0 && size < length(index);
    }

    /** Of how many bytes each of the datagrams of a message is, but perhaps the last. Fails where nobody knows. */
    int segmentSize(int index) throws IOException {
        int size = PacketInfo.segmentSize(controlMessages(index));
        if (size > 0) {
            return size;
        }
        if ((messages.get(JAVA_INT, (long) index * ENTRY_SIZE + MSG_FLAGS) & Constants.MSG_CTRUNC) != 0) {
            throw PacketInfo.crowdedOut(controlMessages(index));
        }
        return length(index);
    }

    void readInfo(int index, PacketInfo info) throws IOException {
        info.read(controlMessages(index));
    }

    private ControlWalk controlMessages(int index) {
        long begin = (long) index * PacketInfo.CONTROL_SIZE;
        long size = messages.get(JAVA_LONG, (long) index * ENTRY_SIZE + MSG_CONTROLLEN);
        return new ControlWalk(controls, begin, begin + size);
    }
}

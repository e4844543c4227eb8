package io.bobbinet.spi;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams in one area of memory: where each begins, how long it is, and where it comes from or goes to. Made once and used
 * again and again, by one thread at a time.
 *
 * <p>A receive that has one call's room for each datagram puts the i-th at {@code i * slotSize()}. Where the system gives
 * several datagrams in one piece, it may use the area as it likes; there may then be more than {@link #slots()}.
 */
public final class DatagramVector {
    private final ByteBuffer memory;
    private final int slots;
    private final int slotSize;

    private int size;
    private int position;
    private int[] offsets;
    private int[] lengths;
    private int[] fullLengths;
    private @Nullable SocketAddress[] addresses;
    private @Nullable Object attachment;

    /**
     * Allocates the memory, outside the heap.
     *
     * @param slots for how many datagrams, at least 1
     * @param slotSize how many bytes each may have, at least 1
     */
    public DatagramVector(int slots, int slotSize) {
        this.memory = ByteBuffer.allocateDirect(Math.multiplyExact(slots, slotSize));
        this.slots = slots;
        this.slotSize = slotSize;
        this.offsets = new int[slots];
        this.lengths = new int[slots];
        this.fullLengths = new int[slots];
        this.addresses = new SocketAddress[slots];
    }

    /**
     * {@return the area} Its position is 0 and its limit its capacity, and both stay so.
     */
    public ByteBuffer memory() {
        return memory;
    }

    /**
     * {@return for how many datagrams of {@link #slotSize()} there is room}
     */
    public int slots() {
        return slots;
    }

    /**
     * {@return how many bytes each may have}
     */
    public int slotSize() {
        return slotSize;
    }

    /**
     * {@return how many datagrams there are}
     */
    public int size() {
        return size;
    }

    /**
     * {@return the datagram that the next send begins with}
     */
    public int position() {
        return position;
    }

    /**
     * Sets the datagram that the next send begins with.
     *
     * @param next its index, or the size if none is left
     * @throws IndexOutOfBoundsException if it is neither
     */
    public void position(int next) {
        if (next < 0 || next > size) {
            throw new IndexOutOfBoundsException("There is no datagram " + next + " among " + size);
        }
        position = next;
    }

    /** Takes all datagrams out. */
    public void clear() {
        Arrays.fill(addresses, 0, size, null);
        size = 0;
        position = 0;
    }

    /**
     * Adds a datagram that is in the area.
     *
     * @param offset where it begins
     * @param length how many bytes of it are there
     * @param fullLength how many bytes it had when it was sent, or -1 if it is truncated and the platform does not tell
     * @param address where it comes from or goes to
     */
    public void add(int offset, int length, int fullLength, SocketAddress address) {
        add(offset, length, fullLength);
        addresses[size - 1] = address;
    }

    /**
     * Adds a datagram without an address: one that goes to the peer of a connected socket.
     *
     * @param offset where it begins
     * @param length how many bytes of it are there
     * @param fullLength how many bytes it had when it was sent, or -1 if it is truncated and the platform does not tell
     */
    public void add(int offset, int length, int fullLength) {
        if (size == offsets.length) {
            grow();
        }
        offsets[size] = offset;
        lengths[size] = length;
        fullLengths[size] = fullLength;
        size++;
    }

    private void grow() {
        int more = Math.multiplyExact(2, size);
        offsets = Arrays.copyOf(offsets, more);
        lengths = Arrays.copyOf(lengths, more);
        fullLengths = Arrays.copyOf(fullLengths, more);
        addresses = Arrays.copyOf(addresses, more);
    }

    /**
     * {@return where in the area a datagram begins}
     *
     * @param index which
     */
    public int offset(int index) {
        return offsets[checked(index)];
    }

    /**
     * {@return how many bytes of a datagram are in the area}
     *
     * @param index which
     */
    public int length(int index) {
        return lengths[checked(index)];
    }

    /**
     * {@return how many bytes a datagram had when it was sent, or -1 if it is truncated and the platform does not tell}
     *
     * @param index which
     */
    public int fullLength(int index) {
        return fullLengths[checked(index)];
    }

    /**
     * {@return whether a datagram has an address}
     *
     * @param index which
     */
    public boolean hasAddress(int index) {
        return addresses[checked(index)] != null;
    }

    /**
     * {@return where a datagram comes from or goes to}
     *
     * @param index which
     * @throws IllegalStateException if it has no address
     */
    public SocketAddress address(int index) {
        SocketAddress address = addresses[checked(index)];
        if (address == null) {
            throw new IllegalStateException("The datagram " + index + " has no address");
        }
        return address;
    }

    /**
     * Sets where a datagram goes to.
     *
     * @param index which
     * @param address the address
     */
    public void address(int index, SocketAddress address) {
        addresses[checked(index)] = address;
    }

    /**
     * {@return what a backend keeps with this area}
     *
     * @param <T> its type
     * @param type its type; one of another type is replaced
     * @param maker makes it the first time
     */
    public <T> T attachment(Class<T> type, Supplier<T> maker) {
        if (type.isInstance(attachment)) {
            return type.cast(attachment);
        }
        T made = maker.get();
        attachment = made;
        return made;
    }

    private int checked(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("There is no datagram " + index + " among " + size);
        }
        return index;
    }
}

package io.bobbinet.net;

import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.UnixName;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Many datagrams in one area of memory, to be received or sent in one go, and used again and again.
 *
 * {@snippet file="UdpExamples.java" region="batch-echo"}
 *
 * {@snippet file="UdpExamples.java" region="batch-send"}
 *
 * <p>Once it is warm, receiving and sending allocate nothing for each datagram. A received batch may be sent as it is: each
 * datagram then goes back to its sender.
 *
 * <p>On Linux a batch costs few system calls, {@code recvmmsg} and {@code sendmmsg}, and datagrams of one size to one peer that
 * follow each other go through the system as one, {@code UDP_SEGMENT} of udp(7). A batch of at least 64 KiB makes a UDP
 * socket receive in this way too, {@code UDP_GRO}, unless a descriptor of it was made before. That changes the speed, and that no
 * descriptor can be made of it any more; nothing else.
 *
 * <p>Batches do not carry the {@linkplain Datagram#destination() destinations} of datagrams: one that is sent back goes out from
 * the address that the system picks.
 *
 * <p>The area is outside the heap and is freed by the garbage collector. Used by one thread at a time.
 *
 * @param <A> the kind of address: {@link InetSocketAddress} or {@link UnixAddress}
 */
public final class DatagramBatch<A extends SocketAddress> {
    private final DatagramVector vector;

    /** One for each datagram there has been, made once. */
    private final List<ByteBuffer> views = new ArrayList<>();

    /** Where what is added next goes. */
    private int end;

    private @Nullable UnixName lastName;
    private UnixAddress lastAddress = UnixAddress.unnamed();

    private DatagramBatch(DatagramVector vector) {
        this.vector = vector;
    }

    /**
     * Allocates a batch.
     *
     * @param <A> the kind of address
     * @param count for how many datagrams, at least 1
     * @param bytesEach how many bytes each has at most, at least 1; of a longer one that is received, the rest is lost
     * @return the batch, which is empty
     * @throws IllegalArgumentException if a number is less than 1, or it would be more than 2 GiB
     */
    public static <A extends SocketAddress> DatagramBatch<A> allocate(int count, int bytesEach) {
        if (count < 1 || bytesEach < 1 || (long) count * bytesEach > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A batch of " + count + " datagrams of " + bytesEach
                    + " bytes: at least 1 of 1, and less than 2 GiB in all");
        }
        return new DatagramBatch<>(new DatagramVector(count, bytesEach));
    }

    DatagramVector vector() {
        return vector;
    }

    /** What was received may be anywhere in the area. */
    void received() {
        end = vector.memory().capacity();
    }

    /**
     * {@return how many datagrams there are} After a receive it may be more than the batch was made for, if they are small.
     */
    public int size() {
        return vector.size();
    }

    /**
     * {@return the datagram that the next send begins with} Those before it have been sent.
     */
    public int position() {
        return vector.position();
    }

    /**
     * Chooses the datagram that the next send begins with: 0 to send all again, one more to leave out one that failed.
     *
     * @param next its index, or the size if none is left
     * @throws IndexOutOfBoundsException if it is neither
     */
    public void position(int next) {
        vector.position(next);
    }

    /** Takes all datagrams out, so that others can be added. */
    public void clear() {
        vector.clear();
        end = 0;
    }

    // -- what is there

    /**
     * Gives the bytes of a datagram.
     *
     * @param index which
     * @return a view of the area, from its position, which is seldom 0, to its limit; the same object each time, set to the
     *     datagram anew. Changing the bytes changes what is sent
     * @throws IndexOutOfBoundsException if there is no such datagram
     */
    public ByteBuffer data(int index) {
        int offset = vector.offset(index);
        while (views.size() <= index) {
            views.add(vector.memory().duplicate());
        }
        return views.get(index).clear().position(offset).limit(offset + vector.length(index));
    }

    /**
     * {@return whether a datagram has a peer: all that were received have, but for those of UNIX sockets without a name}
     *
     * @param index which
     * @throws IndexOutOfBoundsException if there is no such datagram
     */
    public boolean hasPeer(int index) {
        return vector.hasAddress(index)
                && !(vector.address(index) instanceof UnixName name && name.bytes().length == 0);
    }

    /**
     * {@return who sent a datagram, or is to get it}
     *
     * @param index which
     * @throws IndexOutOfBoundsException if there is no such datagram
     * @throws IllegalStateException if it has no peer
     */
    @SuppressWarnings("unchecked") // all addresses in a batch come from one kind of socket, or from the user by type
    public A peer(int index) {
        if (!hasPeer(index)) {
            throw new IllegalStateException("The datagram " + index + " has no peer");
        }
        SocketAddress address = vector.address(index);
        return (A) (address instanceof UnixName name ? unix(name) : address);
    }

    private UnixAddress unix(UnixName name) {
        if (name != lastName) {
            lastAddress = UnixAddress.of(name);
            lastName = name;
        }
        return lastAddress;
    }

    /**
     * {@return whether bytes were cut off at the end of a datagram}
     *
     * @param index which
     * @throws IndexOutOfBoundsException if there is no such datagram
     */
    public boolean isTruncated(int index) {
        return vector.length(index) != vector.fullLength(index);
    }

    /**
     * {@return how many bytes a datagram had when it was sent} Empty if it is truncated and the platform does not tell.
     *
     * @param index which
     * @throws IndexOutOfBoundsException if there is no such datagram
     */
    public OptionalInt length(int index) {
        int length = vector.fullLength(index);
        return length < 0 ? OptionalInt.empty() : OptionalInt.of(length);
    }

    // -- adding

    /**
     * Adds a datagram, behind the others.
     *
     * @param data the bytes, which are copied; none remain afterwards
     * @param to where it is to go
     * @throws BufferOverflowException if the area has not as much room; {@link #clear()} makes room, also after a receive
     * @throws IllegalArgumentException if the address is unresolved, has the port 0 or is unnamed
     */
    public void add(ByteBuffer data, A to) {
        reserve(data.remaining(), Objects.requireNonNull(to, "to")).put(data);
    }

    /**
     * Adds a datagram to the peer of a connected socket, behind the others.
     *
     * @param data the bytes, which are copied; none remain afterwards
     * @throws BufferOverflowException if the area has not as much room; {@link #clear()} makes room, also after a receive
     */
    public void add(ByteBuffer data) {
        reserve(data.remaining(), null).put(data);
    }

    /**
     * Adds a datagram whose bytes are yet to be written, behind the others.
     *
     * @param length how many bytes
     * @param to where it is to go
     * @return a view of its place in the area, from its position to its limit, as {@link #data} gives it
     * @throws BufferOverflowException if the area has not as much room; {@link #clear()} makes room, also after a receive
     * @throws IllegalArgumentException if the length is negative, or the address is unresolved, has the port 0 or is unnamed
     */
    public ByteBuffer add(int length, A to) {
        if (length < 0) {
            throw new IllegalArgumentException("A datagram has no " + length + " bytes");
        }
        return reserve(length, Objects.requireNonNull(to, "to"));
    }

    private ByteBuffer reserve(int length, @Nullable SocketAddress to) {
        if (length > vector.memory().capacity() - end) {
            throw new BufferOverflowException();
        }
        if (to == null) {
            vector.add(end, length, length);
        } else {
            vector.add(end, length, length, checked(to));
        }
        end += length;
        return data(vector.size() - 1);
    }

    /**
     * Adds a datagram as one that was received, behind others of that kind: for transports that are not sockets, which
     * {@linkplain #clear() clear} the batch first. What is longer than the batch was made for is cut off.
     *
     * @param datagram what was received, with its sender if it has a name
     * @return whether there was a place; if not, the batch is as it was
     */
    public boolean addReceived(Datagram<A> datagram) {
        int index = vector.size();
        if (index >= vector.slots()) {
            return false;
        }
        int offset = index * vector.slotSize();
        int left = Math.min(datagram.data().length, vector.slotSize());
        int length = datagram.length().orElse(-1);
        vector.memory().put(offset, datagram.data(), 0, left);
        if (datagram.peer().isPresent()) {
            vector.add(offset, left, length, checked(datagram.peer().get()));
        } else {
            vector.add(offset, left, length);
        }
        received();
        return true;
    }

    private static SocketAddress checked(SocketAddress to) {
        if (to instanceof InetSocketAddress inet) {
            return UdpPeers.checked(inet);
        }
        if (to instanceof UnixAddress unix && !unix.isUnnamed()) {
            return unix.name();
        }
        throw new IllegalArgumentException("No datagram can go to " + AddressText.of(to));
    }

    /** {@return how many datagrams, and how many of them are sent} */
    @Override
    public String toString() {
        return "DatagramBatch[" + size() + " datagrams, " + position() + " sent]";
    }
}

package io.bobbinet.net;

import io.bobbinet.spi.SystemDatagram;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A datagram: bytes, and the socket at the other end, which sent them or is to get them.
 *
 * {@snippet file="UdpExamples.java" region="serve"}
 *
 * <p>An empty datagram is one like any other. Immutable, but for the bytes.
 *
 * @param <A> the kind of address: {@link java.net.InetSocketAddress} or {@link UnixAddress}
 */
public final class Datagram<A extends SocketAddress> {
    private final byte[] data;
    private final int length;
    private final Optional<A> peer;
    private final Optional<InetAddress> here;

    private Datagram(byte[] data, int length, Optional<A> peer, Optional<InetAddress> here) {
        this.data = data;
        this.length = length;
        this.peer = peer;
        this.here = here;
    }

    /**
     * Makes a datagram to be sent.
     *
     * @param <A> the kind of address
     * @param data the bytes, which are not copied
     * @param to where it is to go
     * @return the datagram
     */
    public static <A extends SocketAddress> Datagram<A> of(byte[] data, A to) {
        return new Datagram<>(data, data.length, Optional.of(to), Optional.empty());
    }

    static <A extends SocketAddress> Datagram<A> received(SystemDatagram datagram, Optional<A> sender) {
        return new Datagram<>(datagram.data(), datagram.length(), sender, datagram.destination());
    }

    /**
     * Makes a datagram as one that was received: for transports that are not sockets.
     *
     * @param <A> the kind of address
     * @param data the bytes, which are not copied
     * @param length how many bytes it had when it was sent, at least as many as are left
     * @param sender who sent it; empty for one without a name
     * @return the datagram
     * @throws IllegalArgumentException if more bytes are left than were sent
     */
    public static <A extends SocketAddress> Datagram<A> received(byte[] data, int length, Optional<A> sender) {
        if (length < data.length) {
            throw new IllegalArgumentException(data.length + " bytes are left of a datagram of " + length);
        }
        return new Datagram<>(data, length, sender, Optional.empty());
    }

    /**
     * {@return the bytes, in an array that belongs to the caller}
     */
    public byte[] data() {
        return data;
    }

    /**
     * {@return who sent it, or who is to get it} Empty for a UNIX socket without a name, which cannot be answered.
     */
    public Optional<A> peer() {
        return peer;
    }

    /**
     * {@return whether bytes were cut off at the end, because fewer were asked for than were sent}
     */
    public boolean isTruncated() {
        return length != data.length;
    }

    /**
     * {@return how many bytes it had when it was sent} Empty if it is truncated and the platform does not tell.
     */
    public OptionalInt length() {
        return length < 0 ? OptionalInt.empty() : OptionalInt.of(length);
    }

    /**
     * {@return the address of this machine it was sent to, or the broadcast or multicast address} Known only of sockets made
     * by {@link UdpBinder#withDestination()}.
     */
    public Optional<InetAddress> destination() {
        return here;
    }

    /**
     * {@return a datagram to whoever sent this one} If the {@linkplain #destination() destination} of this one is known and an
     * address of this machine, it goes out from there, as peers expect that know of one address only. If the sender has no
     * name, sending the answer fails, and says so.
     *
     * @param answer the bytes, which are not copied
     */
    public Datagram<A> reply(byte[] answer) {
        return new Datagram<>(answer, answer.length, peer, here.filter(address -> !address.isMulticastAddress()));
    }

    /** {@return from which local address it is to go out, if that matters} */
    Optional<InetAddress> source() {
        return here;
    }

    /** {@return how many bytes, and who is at the other end} */
    @Override
    public String toString() {
        return "Datagram[" + data.length + " bytes"
                + (isTruncated() ? " left" + (length < 0 ? "" : " of " + length) : "") + ", "
                + peer.map(AddressText::of).orElse("a socket without a name") + "]";
    }
}

package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.SystemOptions;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket, RFC 768, that sends to anybody and receives from everybody. Made by {@link Udp}.
 *
 * {@snippet file="UdpExamples.java" region="serve"}
 *
 * <p>What {@link DatagramTransport} promises holds here. What comes is kept by the system, not by this object, as far as the
 * socket's receive buffer goes ({@link java.net.StandardSocketOptions#SO_RCVBUF}); what comes beyond that is lost.
 */
public final class UdpSocket extends HandleDatagrams<InetSocketAddress> {
    private static final InetAddress LOOPBACK_BROADCAST = InetAddress.ofLiteral("127.255.255.255");

    private static final int MOST_KNOWN = 64;

    private final UdpPeers peers;

    /** Whether addresses that datagrams went to are addresses of this machine: asked for once, since it takes its time. */
    private final Map<InetAddress, Boolean> ours = new ConcurrentHashMap<>();

    UdpSocket(DatagramHandle handle, InetSocketAddress local, UdpPeers peers) {
        super(handle, local);
        this.peers = peers;
    }

    /** Makes a socket of one that others have bound. */
    static UdpSocket over(DatagramHandle handle) throws IOException {
        InetSocketAddress local = (InetSocketAddress) handle.localAddress();
        boolean ipv6Only = local.getAddress() instanceof Inet6Address && isIpv6Only(handle);
        return new UdpSocket(handle, local, UdpPeers.of(local.getAddress(), ipv6Only, Resolver.system()));
    }

    private static boolean isIpv6Only(DatagramHandle handle) throws IOException {
        try {
            return handle.getOption(SystemOptions.IPV6_ONLY);
        } catch (UnsupportedOperationException e) {
            return false; // the JDK makes no channels for IPv6 without IPv4
        }
    }

    @Override
    Optional<InetSocketAddress> sender(SocketAddress address) {
        return Optional.of((InetSocketAddress) address);
    }

    // -- sending

    @Override
    public void send(Datagram<InetSocketAddress> datagram) throws IOException {
        InetSocketAddress to = datagram.peer()
                .orElseThrow(() -> new SocketException("The datagram has no peer that it could go to: " + datagram));
        checkOpen("send by");
        transmit(ByteBuffer.wrap(datagram.data()), peers.resolve(to), source(datagram));
    }

    /** An answer comes from where the question went, if that was not a broadcast. */
    private @Nullable InetAddress source(Datagram<?> datagram) throws IOException {
        if (datagram.source().isEmpty()) {
            return null;
        }
        InetAddress from = datagram.source().get();
        Boolean own = ours.get(from);
        if (own == null) {
            own = isOurs(from);
            if (ours.size() >= MOST_KNOWN) {
                ours.clear();
            }
            ours.put(from, own);
        }
        return own ? from : null;
    }

    /** The loopback interface has a network of addresses, and tells of one; the last of them is for broadcasts. */
    private static boolean isOurs(InetAddress address) throws SocketException {
        return address.isLoopbackAddress()
                ? !address.equals(LOOPBACK_BROADCAST)
                : NetworkInterface.getByInetAddress(address) != null;
    }

    /**
     * Sends a datagram, waiting for room if need be.
     *
     * @param data the bytes, which may be none
     * @param to where it is to go; if unresolved, it is looked up first
     * @throws IllegalArgumentException if the address is of another family than this socket, or has the port 0; nothing was
     *     sent
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    public void send(byte[] data, InetSocketAddress to) throws IOException {
        checkOpen("send by");
        transmit(ByteBuffer.wrap(data), peers.resolve(to), null);
    }

    /**
     * Sends a datagram to the first address of a host that is of this socket's family, waiting for room if need be.
     *
     * @param data the bytes, which may be none
     * @param host a name or a numeric address; a name is looked up at each send
     * @param port the port, 1 to 65535
     * @throws IllegalArgumentException if the port is out of range, or a numeric address of another family than this socket;
     *     nothing was sent
     * @throws java.net.UnknownHostException if the name is malformed or has no address of this socket's family
     * @throws IOException as from {@link #send(Datagram)}; nothing was sent
     */
    public void send(byte[] data, String host, int port) throws IOException {
        send(data, InetSocketAddress.createUnresolved(host, HostNames.checkPort(port, 1)));
    }

    @Override
    void checkPeer(DatagramBatch<InetSocketAddress> batch, int index) throws IOException {
        if (!batch.hasPeer(index)) {
            throw new IllegalArgumentException(
                    "The datagram " + index + " has no peer, and this socket is not connected: " + this);
        }
        peers.checkFamily(batch.peer(index).getAddress());
    }

    // -- multicast

    /**
     * Joins a multicast group: from now on, what is sent to it arrives here too.
     *
     * {@snippet file="UdpExamples.java" region="multicast"}
     *
     * @param group the group
     * @param on the network interface to receive on
     * @throws IllegalArgumentException if it is no multicast address, or of another family than this socket
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the socket
     * @throws SocketException if the system refuses, if it is joined already for instance, or the interface has no multicast
     * @throws IOException in no other case
     */
    public void join(InetAddress group, NetworkInterface on) throws IOException {
        membership("join", group, on, Optional.empty());
    }

    /**
     * Joins a multicast group for what one sender sends to it, source-specific multicast of RFC 4607. To be called once for each
     * sender.
     *
     * @param group the group
     * @param on the network interface to receive on
     * @param source the sender
     * @throws IllegalArgumentException as {@link #join(InetAddress, NetworkInterface)}, or if the sender is of another family
     * @throws IOException as {@link #join(InetAddress, NetworkInterface)}
     */
    public void join(InetAddress group, NetworkInterface on, InetAddress source) throws IOException {
        membership("join", group, on, Optional.of(source));
    }

    /**
     * Leaves a multicast group. Closing the socket leaves all.
     *
     * @param group the group
     * @param on the network interface it was joined on
     * @throws IllegalArgumentException as {@link #join(InetAddress, NetworkInterface)}
     * @throws SocketException if it was not joined in this way
     * @throws IOException as {@link #join(InetAddress, NetworkInterface)}
     */
    public void leave(InetAddress group, NetworkInterface on) throws IOException {
        membership("leave", group, on, Optional.empty());
    }

    /**
     * Leaves a multicast group that was joined for one sender.
     *
     * @param group the group
     * @param on the network interface it was joined on
     * @param source the sender
     * @throws IllegalArgumentException as {@link #join(InetAddress, NetworkInterface)}
     * @throws SocketException if it was not joined in this way
     * @throws IOException as {@link #join(InetAddress, NetworkInterface)}
     */
    public void leave(InetAddress group, NetworkInterface on, InetAddress source) throws IOException {
        membership("leave", group, on, Optional.of(source));
    }

    private void membership(String action, InetAddress group, NetworkInterface on, Optional<InetAddress> source)
            throws IOException {
        Objects.requireNonNull(on, "on");
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException("Not a multicast address: " + AddressText.of(group));
        }
        peers.checkFamily(group);
        if (source.isPresent() && source.get().getClass() != group.getClass()) {
            throw new IllegalArgumentException("The sender is of another family than the group: "
                    + AddressText.of(source.get()) + ", " + AddressText.of(group));
        }
        String where = AddressText.of(group) + " on " + on.getName();
        checkOpen(action + " " + where + " with");
        try {
            if (action.equals("join")) {
                handle.join(group, on, source);
            } else {
                handle.leave(group, on, source);
            }
        } catch (ClosedChannelException e) {
            throw closedDuring((action.equals("join") ? "joining " : "leaving ") + where + " with", e);
        } catch (IOException e) {
            throw SocketErrors.about(action + " " + where, e);
        }
    }
}

package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET;
import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.EPOLLET;
import static io.bobbinet.linux.Constants.EPOLLIN;
import static io.bobbinet.linux.Constants.EPOLLONESHOT;
import static io.bobbinet.linux.Constants.EPOLLOUT;
import static io.bobbinet.linux.Constants.IPPROTO_UDP;
import static io.bobbinet.linux.Constants.MSG_DONTWAIT;
import static io.bobbinet.linux.Constants.SOCK_CLOEXEC;
import static io.bobbinet.linux.Constants.SOCK_DGRAM;
import static io.bobbinet.linux.Constants.SOL_SOCKET;
import static io.bobbinet.linux.Constants.SO_SNDBUF;
import static io.bobbinet.linux.Constants.UDP_GRO;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.RawOption;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.spi.SystemOptions;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A datagram socket. All calls say {@code MSG_DONTWAIT}: the flags of a description that others share are left alone. */
final class LinuxDatagramHandle extends LinuxHandle implements DatagramHandle {
    /** A peer that sends faster than its datagrams are dropped must not hold up a connect for ever. */
    private static final int MOST_QUEUED = 1_000_000;

    /** What a length of 16 bits leaves without the headers: of IPv4 and UDP; of UDP alone, since IPv6 does not count its own. */
    private static final int LONGEST = 65_507;

    private static final int LONGEST6 = 65_527;

    /** What the kernel keeps free of {@code SO_SNDBUF}. */
    private static final int UNIX_OVERHEAD = 32;

    private final DatagramReceiver receiver = new DatagramReceiver(this);
    private final DatagramSender sender = new DatagramSender(this);
    private final BatchReceiver batchReceiver = new BatchReceiver(this, receiver);
    private final BatchSender batchSender = new BatchSender(this, sender);

    /**
     * Whether the poller will tell of what comes in, which it does once. Every datagram makes an edge, which would wake the poller, at
     * the sender's expense, while the receiver is at work anyway; so it is asked only when the receiver is about to wait.
     */
    private volatile boolean asksForIncoming = true;

    /** Whether the socket has a peer, as far as is known: others that have it may connect it too. */
    private volatile boolean connected;

    /** Whether nobody else has a descriptor of the socket, as far as is known. Guarded by this. */
    private boolean alone;

    /** Whether the socket was told to coalesce by {@link #coalesce}. Guarded by this. */
    private boolean toldToCoalesce;

    private LinuxDatagramHandle(int fd, int family, LinuxPoller poller, boolean alone) {
        super(fd, family, poller, "receive");
        this.alone = alone;
    }

    static LinuxDatagramHandle open(int family, LinuxPoller poller) throws IOException {
        int fd = Errno.check(Libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        return LinuxBackend.owned(fd, () -> prepare(fd, family, poller));
    }

    /** Of a new socket. */
    static LinuxDatagramHandle prepare(int fd, int family, LinuxPoller poller) throws IOException {
        LinuxDatagramHandle handle = new LinuxDatagramHandle(fd, family, poller, true);
        if (family == AF_INET6) {
            handle.setOption(SystemOptions.IPV6_ONLY, false); // whatever the machine's default
        }
        Multicast.receiveJoinedAlone(fd, family);
        return handle;
    }

    /** Of a socket that others have made, and set options of. */
    static LinuxDatagramHandle adopt(int fd, int family, LinuxPoller poller) throws IOException {
        LinuxDatagramHandle handle = new LinuxDatagramHandle(fd, family, poller, false);
        handle.connected =
                Libc.getpeername(fd, new byte[SocketAddresses.LONGEST], new int[] {SocketAddresses.LONGEST}) >= 0;
        if (family != AF_UNIX) {
            handle.receiver.askForDestination(handle.getOption(SystemOptions.DESTINATION_ADDRESS));
            if (SocketOptions.isOn(fd, IPPROTO_UDP, UDP_GRO)) {
                handle.receiver.coalesce();
            }
        }
        return handle;
    }

    @Override
    int events() {
        return sender.wantsEdges() ? EPOLLIN | EPOLLOUT | EPOLLET : EPOLLIN | EPOLLONESHOT;
    }

    @Override
    void told() {
        asksForIncoming = false;
    }

    /** Waits for something to receive, or a failure to be told. */
    void awaitIncoming() throws IOException, InterruptedException {
        if (!asksForIncoming) {
            askForIncoming();
        }
        await(in);
    }

    private synchronized void askForIncoming() throws IOException {
        checkOpen();
        asksForIncoming = true;
        eventsChanged();
    }

    @Override
    void signalOut() {
        sender.signal();
    }

    @Override
    boolean isInKernel() {
        return in.inKernel || sender.isInKernel();
    }

    /** Before it is set: a receiver must not meet what it does not expect. */
    @Override
    <T> void settingOption(SocketOption<T> option, T value) {
        if (option.equals(SystemOptions.DESTINATION_ADDRESS)) {
            receiver.askForDestination((Boolean) value);
        } else if (option instanceof RawOption raw && raw.level() == IPPROTO_UDP && raw.number() == UDP_GRO) {
            receiver.coalesce();
        }
    }

    /**
     * Tells the socket to coalesce, if the system can. Not where somebody else may have a descriptor: who receives by that would get
     * several datagrams as one, and not know.
     */
    synchronized void coalesce() throws IOException {
        checkOpen();
        boolean udp = family != AF_UNIX;
        if (alone && udp && Libc.setsockopt(fd, IPPROTO_UDP, UDP_GRO, SocketOptions.bytes(1)) >= 0) {
            toldToCoalesce = true;
            receiver.coalesce();
        }
    }

    /** {@inheritDoc} It cannot be told to stop coalescing: what has come as one is in its queue so. */
    @Override
    public synchronized DescriptorHandle duplicate() throws IOException {
        checkOpen();
        if (toldToCoalesce) {
            throw new SocketException(
                    "The socket receives in one piece what came as several since a batch of 64 KiB or more;"
                            + " make the descriptor before that, or use smaller batches");
        }
        DescriptorHandle duplicate = super.duplicate();
        alone = false;
        return duplicate;
    }

    @Override
    public synchronized void limitPermissions(int mode) throws IOException {
        if (family != AF_UNIX) {
            throw new UnsupportedOperationException("Only UNIX sockets have permissions");
        }
        checkOpen();
        Errno.check(FileCalls.fchmod(fd, mode));
    }

    // -- the peer

    /** {@inheritDoc} Nothing is received afterwards that others have sent before. */
    @Override
    public synchronized void connect(SocketAddress remote) throws IOException {
        checkOpen();
        byte[] address = SocketAddresses.encode(remote, family);
        int result = family == AF_UNIX ? FileCalls.connect(fd, address) : Libc.connect(fd, address);
        if (result < 0) {
            throw DatagramFailures.connecting(family, result, remote);
        }
        connected = true;
        dropQueued();
    }

    /** The system asks who sends a datagram when it comes, and not when it is received. */
    private void dropQueued() {
        MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
        int[] errno = new int[1];
        long result = 0;
        for (int i = 0; i < MOST_QUEUED && !Errno.EAGAIN.is(result); i++) {
            result = Libc.recv(fd, nothing, MSG_DONTWAIT, errno); // a failure that it tells is older too
        }
    }

    /** Whether all goes to the peer. */
    boolean isConnected() {
        return connected;
    }

    @Override
    public synchronized SocketAddress remoteAddress() throws IOException {
        checkOpen();
        return SocketAddresses.ask(Libc::getpeername, fd);
    }

    // -- receiving

    @Override
    public SystemDatagram receive(int max) throws IOException, InterruptedException {
        return receiver.receive(max);
    }

    @Override
    public void awaitReadable() throws IOException, InterruptedException {
        receiver.awaitReadable();
    }

    @Override
    public void receive(DatagramVector batch) throws IOException, InterruptedException {
        batchReceiver.receive(batch);
    }

    @Override
    public SystemDatagram receiveMessage(int max) throws IOException, InterruptedException {
        checkHasControlData();
        return receiver.receiveMessage(max);
    }

    // -- sending

    @Override
    public void send(ByteBuffer data) throws IOException, InterruptedException {
        sender.send(data);
    }

    @Override
    public void send(ByteBuffer data, SocketAddress to) throws IOException, InterruptedException {
        sender.send(data, to);
    }

    @Override
    public void send(ByteBuffer data, SocketAddress to, InetAddress from) throws IOException, InterruptedException {
        checkIsUdp("addresses to choose from");
        sender.send(data, to, from);
    }

    @Override
    public void send(DatagramVector batch) throws IOException, InterruptedException {
        batchSender.send(batch);
    }

    @Override
    public void sendMessage(ByteBuffer data, Optional<UnixName> to, ControlData control)
            throws IOException, InterruptedException {
        checkHasControlData();
        sender.sendMessage(data, to, control);
    }

    /**
     * What a failed send is to throw. The layer above adds how long the datagram was and where it was to go.
     *
     * @param to where it was to go, or null for the peer
     */
    IOException sendFailure(long result, long size, @Nullable SocketAddress to) {
        long most = Errno.EMSGSIZE.is(result) ? longest(to) : 0;
        return DatagramFailures.sending(family, result, to, size > most ? most : 0);
    }

    /** How many bytes a datagram can have at most; 0 if that is not known. */
    private synchronized long longest(@Nullable SocketAddress to) {
        if (family == AF_UNIX) {
            byte[] size = new byte[Integer.BYTES];
            boolean known = isOpen() && Libc.getsockopt(fd, SOL_SOCKET, SO_SNDBUF, size, new int[] {size.length}) >= 0;
            return known ? SocketOptions.number(size, 0) - UNIX_OVERHEAD : 0;
        }
        if (family == AF_INET) {
            return LONGEST;
        }
        if (to instanceof InetSocketAddress inet) {
            return inet.getAddress() instanceof Inet4Address ? LONGEST : LONGEST6;
        }
        return 0; // a socket for both, and the peer may be of either
    }

    private void checkHasControlData() {
        if (family != AF_UNIX) {
            throw new UnsupportedOperationException("UDP has no control messages; UNIX datagram sockets have");
        }
    }

    // -- multicast

    @Override
    public synchronized void join(InetAddress group, NetworkInterface on, Optional<InetAddress> source)
            throws IOException {
        checkIsUdp("multicast groups");
        checkOpen();
        Multicast.join(fd, family, group, on, source);
    }

    @Override
    public synchronized void leave(InetAddress group, NetworkInterface on, Optional<InetAddress> source)
            throws IOException {
        checkIsUdp("multicast groups");
        checkOpen();
        Multicast.leave(fd, family, group, on, source);
    }

    private void checkIsUdp(String what) {
        if (family == AF_UNIX) {
            throw new UnsupportedOperationException("UNIX sockets have no " + what);
        }
    }
}

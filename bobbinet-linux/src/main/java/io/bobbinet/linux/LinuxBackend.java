package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET;
import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.SOCK_CLOEXEC;
import static io.bobbinet.linux.Constants.SOCK_DGRAM;
import static io.bobbinet.linux.Constants.SOCK_NONBLOCK;
import static io.bobbinet.linux.Constants.SOCK_STREAM;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.Descriptors;
import io.bobbinet.spi.HandlePair;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.SystemOptions;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectableChannel;
import java.util.EnumSet;
import java.util.Set;

/** The backend of Linux's own system calls: edge-triggered epoll, and virtual threads that wait for edges. */
final class LinuxBackend implements Backend {
    private final LinuxPollers pollers = new LinuxPollers();
    private final LinuxDescriptors descriptors = new LinuxDescriptors(pollers);

    @Override
    public String name() {
        return "linux";
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> lacking = EnumSet.of(Capability.CHANNEL_ADOPTION);
        if (!SocketOptions.hasExtended()) {
            lacking.add(Capability.PEER_NAMES); // asked for by an option of the module jdk.net
        }
        return EnumSet.complementOf(EnumSet.copyOf(lacking));
    }

    @Override
    public String threading() {
        return "virtual threads on the JDK's scheduler";
    }

    @Override
    public Thread newTaskThread(String name, Runnable body) {
        Thread.Builder.OfVirtual builder = Thread.ofVirtual().inheritInheritableThreadLocals(false);
        return (name.isEmpty() ? builder : builder.name(name)).unstarted(body);
    }

    @Override
    public StreamHandle openStream(ProtocolFamily family) throws IOException {
        int number = number(family);
        int fd = socket(family, number, SOCK_STREAM | SOCK_CLOEXEC);
        return owned(fd, () -> new LinuxStreamHandle(fd, number, pollers.next()));
    }

    @Override
    public ListenerHandle openListener(ProtocolFamily family) throws IOException {
        int number = number(family);
        int fd = socket(family, number, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
        return owned(fd, () -> {
            LinuxListenerHandle handle = new LinuxListenerHandle(fd, number, pollers);
            if (number == AF_INET6) {
                handle.setOption(SystemOptions.IPV6_ONLY, false); // whatever the machine's default
            }
            return handle;
        });
    }

    @Override
    public HandlePair openPair() throws IOException {
        int[] pair = new int[2];
        Errno.check(Libc.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
        return owned(
                pair[0],
                () -> owned(
                        pair[1],
                        () -> new HandlePair(
                                new LinuxStreamHandle(pair[0], AF_UNIX, pollers.next()),
                                new LinuxStreamHandle(pair[1], AF_UNIX, pollers.next()))));
    }

    @Override
    public DatagramHandle openDatagram(ProtocolFamily family) throws IOException {
        int number = number(family);
        int fd = socket(family, number, SOCK_DGRAM | SOCK_CLOEXEC);
        return owned(fd, () -> LinuxDatagramHandle.prepare(fd, number, pollers.next()));
    }

    private static int number(ProtocolFamily family) {
        if (family == StandardProtocolFamily.UNIX) {
            return AF_UNIX;
        }
        if (family == StandardProtocolFamily.INET) {
            return AF_INET;
        }
        if (family == StandardProtocolFamily.INET6 && !Boolean.getBoolean("java.net.preferIPv4Stack")) {
            return AF_INET6;
        }
        throw new UnsupportedOperationException("There are no sockets of the family " + family);
    }

    private static int socket(ProtocolFamily family, int number, int type) throws IOException {
        int fd = Libc.socket(number, type, 0);
        if (Errno.EAFNOSUPPORT.is(fd)) {
            throw new UnsupportedOperationException("This system has no sockets of the family " + family);
        }
        return Errno.check(fd);
    }

    /** Makes something of a descriptor. */
    interface Maker<T> {
        T make() throws IOException;
    }

    /** Closes the descriptor if nothing can be made of it. */
    static <T> T owned(int fd, Maker<T> maker) throws IOException {
        try {
            return maker.make();
        } catch (Throwable t) {
            FileCalls.closeQuietly(fd);
            throw t;
        }
    }

    @Override
    public Descriptors descriptors() {
        return descriptors;
    }

    @Override
    public StreamHandle adoptStream(SelectableChannel channel) {
        throw withoutChannels();
    }

    @Override
    public ListenerHandle adoptListener(SelectableChannel channel) {
        throw withoutChannels();
    }

    private static UnsupportedOperationException withoutChannels() {
        return new UnsupportedOperationException(
                "The backend linux cannot take over channels of the JDK; the backend nio can");
    }
}

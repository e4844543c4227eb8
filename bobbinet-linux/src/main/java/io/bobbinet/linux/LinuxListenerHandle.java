package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.EPOLLET;
import static io.bobbinet.linux.Constants.EPOLLIN;
import static io.bobbinet.linux.Constants.F_GETFL;
import static io.bobbinet.linux.Constants.O_NONBLOCK;
import static io.bobbinet.linux.Constants.POLLIN;
import static io.bobbinet.linux.Constants.SOCK_CLOEXEC;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;

/** A listening socket. */
final class LinuxListenerHandle extends LinuxHandle implements ListenerHandle {
    private final LinuxPollers pollers;

    LinuxListenerHandle(int fd, int family, LinuxPollers pollers) throws IOException {
        super(fd, family, pollers.next(), "accept");
        this.pollers = pollers;
    }

    @Override
    int events() {
        return EPOLLIN | EPOLLET;
    }

    @Override
    void signalOut() {}

    @Override
    boolean isInKernel() {
        return in.inKernel;
    }

    @Override
    public void listen(SocketAddress local, int backlog) throws IOException {
        bind(local);
        synchronized (this) {
            checkOpen();
            int result = Libc.listen(fd, backlog);
            if (result < 0) {
                throw Errno.bindFailure(result);
            }
        }
    }

    @Override
    public StreamHandle accept() throws IOException, InterruptedException {
        while (true) {
            in.reset();
            int accepted = tryAccept();
            if (accepted >= 0) {
                return streamOf(accepted);
            }
            if (Errno.EAGAIN.is(accepted)) {
                await(in);
            } else if (!isOfTheConnection(accepted)) {
                throw Errno.socketFailure(accepted);
            }
        }
    }

    /**
     * One {@code accept4}. The flags of the description are looked at each time: whoever shares it may change them.
     *
     * <p>In blocking mode the socket is asked first, and somebody who shares it may be faster between the two. Then this waits
     * for the next connection, as their own accepts do, and must not keep the collector waiting too.
     */
    private int tryAccept() throws IOException {
        enter(in);
        try {
            if ((Libc.fcntl(fd, F_GETFL, 0) & O_NONBLOCK) != 0) {
                return Libc.accept4(fd, SOCK_CLOEXEC);
            }
            return Libc.poll(fd, POLLIN) == 0 ? Errno.EAGAIN.result() : FileCalls.accept4(fd, SOCK_CLOEXEC);
        } finally {
            leave(in);
        }
    }

    private StreamHandle streamOf(int accepted) throws IOException {
        try {
            return new LinuxStreamHandle(accepted, family, pollers.next());
        } catch (Throwable t) {
            FileCalls.close(accepted);
            throw t;
        }
    }

    /** Whether accept(2) failed for a connection that is gone, which concerns no other; see its manual page. */
    private static boolean isOfTheConnection(int result) {
        return Errno.EINTR.is(result)
                || Errno.ECONNABORTED.is(result)
                || Errno.EPROTO.is(result)
                || Errno.ENOPROTOOPT.is(result)
                || Errno.ENETDOWN.is(result)
                || Errno.ENETUNREACH.is(result)
                || Errno.EHOSTDOWN.is(result)
                || Errno.EHOSTUNREACH.is(result)
                || Errno.ENONET.is(result);
    }
}

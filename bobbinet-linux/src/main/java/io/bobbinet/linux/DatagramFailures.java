package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_UNIX;

import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.ConnectException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** What failed calls of datagram sockets are to throw. */
final class DatagramFailures {
    private DatagramFailures() {}

    /** The failure of a receive. */
    static IOException receiving(int family, long result) {
        return family != AF_UNIX && Errno.ECONNREFUSED.is(result) ? unreachable(result) : Errno.socketFailure(result);
    }

    /**
     * The failure of a send.
     *
     * @param to where it was to go, or null for the peer
     * @param most how many bytes it could have had at most; 0 if that is not known, or is not the reason
     */
    static IOException sending(int family, long result, @Nullable SocketAddress to, long most) {
        String text = Errno.text(result);
        if (Errno.EMSGSIZE.is(result)) {
            String limit = family == AF_UNIX ? ": SO_SNDBUF lets through at most " : ": the most is ";
            return Errno.caused(new SocketException(most > 0 ? text + limit + most : text), result);
        }
        if (family == AF_UNIX) {
            return reaching(to, result);
        }
        if (Errno.ECONNREFUSED.is(result)) {
            return unreachable(result);
        }
        if (Errno.EACCES.is(result)) {
            return Errno.caused(
                    new SocketException(text + ", as for a broadcast address without SO_BROADCAST"), result);
        }
        return Errno.socketFailure(result);
    }

    /** The failure of a connect. */
    static IOException connecting(int family, long result, SocketAddress to) {
        return family == AF_UNIX ? reaching(to, result) : Errno.socketFailure(result);
    }

    /** ICMP has told it. */
    private static IOException unreachable(long result) {
        return Errno.caused(new PortUnreachableException(Errno.text(result)), result);
    }

    /** Failures of files are given on as they are by the layer above; to others it adds the address. */
    private static IOException reaching(@Nullable SocketAddress to, long result) {
        if (to instanceof UnixName name && !name.isAbstract() && Errno.ENOENT.is(result)) {
            String reason = "nobody receives there: there is no such socket file";
            return Errno.caused(new NoSuchFileException(name.path().toString(), null, reason), result);
        }
        if (to instanceof UnixName name && !name.isAbstract() && Errno.EACCES.is(result)) {
            return Errno.caused(new AccessDeniedException(name.path().toString()), result);
        }
        // A socket whose peer is gone is refused once, and from then on not connected.
        if (Errno.ECONNREFUSED.is(result) || Errno.ENOTCONN.is(result)) {
            return Errno.caused(new ConnectException("nobody receives"), result);
        }
        if (Errno.EPROTOTYPE.is(result)) {
            return Errno.caused(new ConnectException("it is no datagram socket"), result);
        }
        if (Errno.EPERM.is(result)) {
            return Errno.caused(new SocketException("the receiver is connected to another socket"), result);
        }
        return Errno.socketFailure(result);
    }
}

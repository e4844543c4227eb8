package io.bobbinet.linux;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/** Error numbers of &lt;asm-generic/errno.h&gt;, and the exceptions that they become. */
enum Errno {
    EPERM(1, "Operation not permitted"),
    ENOENT(2, "No such file or directory"),
    ESRCH(3, "No such process"),
    EINTR(4, "Interrupted system call"),
    EIO(5, "Input/output error"),
    ENXIO(6, "No such device or address"),
    EBADF(9, "Bad file descriptor"),
    EAGAIN(11, "Resource temporarily unavailable"),
    ENOMEM(12, "Cannot allocate memory"),
    EACCES(13, "Permission denied"),
    EEXIST(17, "File exists"),
    ENODEV(19, "No such device"),
    ENOTDIR(20, "Not a directory"),
    EISDIR(21, "Is a directory"),
    EINVAL(22, "Invalid argument"),
    ENFILE(23, "Too many open files in system"),
    EMFILE(24, "Too many open files"),
    EFBIG(27, "File too large"),
    ENOSPC(28, "No space left on device"),
    ESPIPE(29, "Illegal seek"),
    EROFS(30, "Read-only file system"),
    EPIPE(32, "Broken pipe"),
    EDOM(33, "Numerical argument out of domain"),
    ENAMETOOLONG(36, "File name too long"),
    ENOSYS(38, "Function not implemented"),
    ELOOP(40, "Too many levels of symbolic links"),
    ENONET(64, "Machine is not on the network"),
    EPROTO(71, "Protocol error"),
    ENOTSOCK(88, "Socket operation on non-socket"),
    EDESTADDRREQ(89, "Destination address required"),
    EMSGSIZE(90, "Message too long"),
    EPROTOTYPE(91, "Protocol wrong type for socket"),
    ENOPROTOOPT(92, "Protocol not available"),
    EPROTONOSUPPORT(93, "Protocol not supported"),
    EOPNOTSUPP(95, "Operation not supported"),
    EAFNOSUPPORT(97, "Address family not supported by protocol"),
    EADDRINUSE(98, "Address already in use"),
    EADDRNOTAVAIL(99, "Cannot assign requested address"),
    ENETDOWN(100, "Network is down"),
    ENETUNREACH(101, "Network is unreachable"),
    ECONNABORTED(103, "Software caused connection abort"),
    ECONNRESET(104, "Connection reset by peer"),
    ENOBUFS(105, "No buffer space available"),
    EISCONN(106, "Transport endpoint is already connected"),
    ENOTCONN(107, "Transport endpoint is not connected"),
    ETOOMANYREFS(109, "Too many references: cannot splice"),
    ETIMEDOUT(110, "Connection timed out"),
    ECONNREFUSED(111, "Connection refused"),
    EHOSTDOWN(112, "Host is down"),
    EHOSTUNREACH(113, "No route to host"),
    EALREADY(114, "Operation already in progress"),
    EINPROGRESS(115, "Operation now in progress");

    private static final Errno[] BY_NUMBER = new Errno[116];

    static {
        for (Errno errno : values()) {
            BY_NUMBER[errno.number] = errno;
        }
    }

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** Whether a call failed with this error. */
    boolean is(long result) {
        return result == -number;
    }

    /** What a call gives that failed with this error. */
    int result() {
        return -number;
    }

    /** What an error is called, as strerror(3) says it. */
    static String text(long result) {
        Errno errno = known(result);
        return errno == null ? "System error " + -result : errno.text;
    }

    private static @Nullable Errno known(long result) {
        return result < 0 && -result < BY_NUMBER.length ? BY_NUMBER[(int) -result] : null;
    }

    /** The number itself, as the cause of the exception that it became. */
    private static final class ErrorNumber extends IOException {
        private static final long serialVersionUID = 1L;

        ErrorNumber(long result) {
            super("errno " + -result + (known(result) == null ? "" : ", " + known(result)));
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this; // that of the exception is the same
        }
    }

    /** Gives an exception the error number as its cause. */
    static <X extends IOException> X caused(X exception, long result) {
        exception.initCause(new ErrorNumber(result));
        return exception;
    }

    /** What a failed call of a socket is to throw. */
    static IOException socketFailure(long result) {
        String text = text(result);
        if (ECONNREFUSED.is(result) || ETIMEDOUT.is(result)) {
            return caused(new ConnectException(text), result);
        }
        if (EHOSTUNREACH.is(result) || ENETUNREACH.is(result) || EHOSTDOWN.is(result)) {
            return caused(new NoRouteToHostException(text), result);
        }
        if (EADDRINUSE.is(result) || EADDRNOTAVAIL.is(result)) {
            return caused(new BindException(text), result);
        }
        return caused(new SocketException(text), result);
    }

    /** What a failed bind or listen is to throw. */
    static IOException bindFailure(long result) {
        return EACCES.is(result) || EPERM.is(result) ? new BindException(text(result)) : socketFailure(result);
    }

    /** Gives a result through, or throws what a failed call of a socket is to throw. */
    static int check(int result) throws IOException {
        if (result < 0) {
            throw socketFailure(result);
        }
        return result;
    }
}

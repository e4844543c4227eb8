package io.bobbinet.net;

import io.bobbinet.spi.SocketHandle;
import io.bobbinet.stream.ClosedResourceException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;

/** Adds to what the system says the address it is about, which the JDK leaves out. */
final class SocketErrors {
    private SocketErrors() {}

    /** The same kind of exception with the address in its message, and the original as its cause. */
    static IOException about(SocketAddress address, IOException e) {
        return about(AddressText.of(address), e);
    }

    static IOException about(String address, IOException e) {
        if (e instanceof FileSystemException) {
            return e; // names its path
        }
        String message = words(e) + ": " + address;
        IOException located = switch (e) {
            case PortUnreachableException p -> new PortUnreachableException(message);
            case BindException b -> new BindException(message);
            case NoRouteToHostException n -> new NoRouteToHostException(message);
            case ConnectException c -> new ConnectException(message);
            case SocketException s -> new SocketException(message);
            case ClosedChannelException c -> new ClosedResourceException("The socket was closed meanwhile: " + address);
            default -> new IOException(message);
        };
        located.initCause(e);
        return located;
    }

    private static String words(IOException e) {
        if (e.getMessage() != null) {
            return e.getMessage();
        }
        return e instanceof PortUnreachableException
                ? "Nobody receives at the port"
                : e.getClass().getSimpleName();
    }

    /** Closes what a failure leaves over; what goes wrong with that is suppressed under the failure. */
    static void closeAfter(Throwable failure, SocketHandle handle) {
        try {
            handle.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}

package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.TimedOutException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import javax.net.ssl.SSLException;

/**
 * An endpoint to connect to, again and again.
 *
 * @param <S> the type of the connections
 * @param endpoint the endpoint
 * @param connector what connects to it
 */
record Target<S extends Closeable>(Endpoint endpoint, Connector<? extends S> connector) {

    /** Complains about a host or port that nobody can connect to. */
    static void check(Endpoint endpoint, String host, int port) {
        if (host.isEmpty() || port == 0) {
            throw new UsageException(
                    "The endpoint '" + endpoint + "' is for listening; to connect, name a host and a port");
        }
    }

    /**
     * Connects.
     *
     * @throws IOException if that fails; the message tells where to, once, and why
     */
    S connect() throws IOException {
        try {
            return connector.connect();
        } catch (IOException e) {
            if (e instanceof InterruptedIOException && !(e instanceof TimedOutException)) {
                throw e;
            }
            throw new IOException("Cannot connect to " + endpoint + ": " + reason(e), e);
        }
    }

    private String reason(IOException failure) {
        return switch (failure) {
            case UnknownHostException _ -> "unknown host";
            case NoSuchFileException _ -> "no such file";
            case SSLException e -> TlsFailures.ofServer(e);
            default -> withoutAddress(Complaints.describe(failure));
        };
    }

    /** What the library says has the address in front, as what was being done, or at the end. */
    private String withoutAddress(String message) {
        String address = switch (endpoint) {
            case Endpoint.Unix unix -> unix.address().toString();
            case Endpoint.UnixDatagram unix -> unix.address().toString();
            default -> endpoint.toString().replaceFirst("^[a-z]+://", "");
        };
        String reason = message;
        for (String prefix : new String[] {"Cannot connect to ", "No way to ", "connecting to "}) {
            String before = prefix + address + ": ";
            reason = reason.startsWith(before) ? reason.substring(before.length()) : reason;
        }
        for (String between : new String[] {": ", " at "}) {
            String after = between + address;
            reason = reason.endsWith(after) ? reason.substring(0, reason.length() - after.length()) : reason;
        }
        return reason;
    }
}

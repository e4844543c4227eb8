package io.bobbinet.cli;

import io.bobbinet.cli.Server.Bound;
import io.bobbinet.net.Endpoint;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.task.Backends;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The sockets that open files can travel over. */
final class DescriptorSockets {
    private DescriptorSockets() {}

    /**
     * Complains if open files cannot be passed at all, or not over an endpoint.
     *
     * @throws UsageException if it is the endpoint
     * @throws UnsupportedOperationException if it is the backend; the message names one that can
     */
    static void check(Endpoint endpoint) {
        address(endpoint);
        Backends.current().descriptors();
    }

    /** {@return a listener on an endpoint} If it is a path, the socket file goes when the listener is closed. */
    static Bound<UnixDescriptorStream> listen(Endpoint endpoint) throws IOException {
        UnixListener listener =
                Unix.binder(address(endpoint)).withDeleteOnClose().listen();
        return new Bound<>(endpoint, listener.withDescriptors());
    }

    /** {@return an endpoint to connect to} */
    static Target<UnixDescriptorStream> target(Endpoint endpoint, Optional<Duration> timeout) {
        var connector = Unix.connector(address(endpoint));
        return new Target<>(
                endpoint,
                timeout.map(connector::withConnectTimeout).orElse(connector).withDescriptors());
    }

    private static UnixAddress address(Endpoint endpoint) {
        if (endpoint instanceof Endpoint.Unix(UnixAddress address)) {
            return address;
        }
        throw new UsageException("Open files travel over UNIX stream sockets alone, not over '" + endpoint
                + "'; write unix:///PATH or unix:@NAME");
    }
}

package io.bobbinet.packet;

import io.bobbinet.net.SocketView;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixStream;
import java.io.IOException;
import java.util.Optional;

/** What a client asks of the socket below. */
final class SocketParts {
    private SocketParts() {}

    static UnsupportedOperationException missing(Object below) {
        return new UnsupportedOperationException(below + " is no socket; TCP, TLS over it, and UNIX streams are");
    }

    static UnixCredentials peerCredentials(Optional<SocketView> socket, Object below) throws IOException {
        return switch (socket.orElse(null)) {
            case UnixStream unix -> unix.peerCredentials();
            case UnixDescriptorStream unix -> unix.peerCredentials();
            case null, default ->
                throw new UnsupportedOperationException(below + " does not know who its peer is; UNIX streams do");
        };
    }
}

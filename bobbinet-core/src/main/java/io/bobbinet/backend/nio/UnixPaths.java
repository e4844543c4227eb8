package io.bobbinet.backend.nio;

import io.bobbinet.spi.UnixName;
import java.net.UnixDomainSocketAddress;

/** Turns the names of UNIX sockets into the addresses of the JDK and back. */
final class UnixPaths {
    private UnixPaths() {}

    static UnixDomainSocketAddress toJdk(UnixName name) {
        if (name.isAbstract()) {
            throw new UnsupportedOperationException(
                    "The backend nio has no abstract UNIX names; the backend linux has");
        }
        return UnixDomainSocketAddress.of(name.path());
    }

    static UnixName fromJdk(UnixDomainSocketAddress address) {
        return UnixName.of(address.getPath());
    }
}

package io.bobbinet.testkit;

import io.bobbinet.spi.Capability;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The kinds of stream sockets whose contract is the same. */
enum Transport {
    TCP4(StandardProtocolFamily.INET, Capability.TCP),
    TCP6(StandardProtocolFamily.INET6, Capability.TCP),
    UNIX(StandardProtocolFamily.UNIX, Capability.UNIX_STREAM);

    final StandardProtocolFamily family;
    final Capability needed;

    Transport(StandardProtocolFamily family, Capability needed) {
        this.family = family;
        this.needed = needed;
    }

    boolean isTcp() {
        return this != UNIX;
    }

    /** Whether the machine has it: many containers have no IPv6 loopback. */
    boolean isThere() {
        if (this == UNIX) {
            return true;
        }
        try (ServerSocket probe = new ServerSocket(0, 1, loopback())) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private InetAddress loopback() {
        try {
            return InetAddress.getByName(this == TCP6 ? "::1" : "127.0.0.1");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A free address, as the JDK has it; for UNIX a path in a folder. */
    SocketAddress freeAddress(Path folder, int number) {
        return this == UNIX
                ? UnixDomainSocketAddress.of(folder.resolve("s" + number))
                : new InetSocketAddress(loopback(), 0);
    }

    static SocketAddress toSpi(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress unix
                ? new UnixName(unix.getPath().toString().getBytes(StandardCharsets.UTF_8))
                : address;
    }

    static SocketAddress toJdk(SocketAddress address) {
        return address instanceof UnixName name
                ? UnixDomainSocketAddress.of(new String(name.bytes(), StandardCharsets.UTF_8))
                : address;
    }
}

package io.bobbinet.testkit;

import io.bobbinet.spi.Capability;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.file.Path;

/** The kinds of datagram sockets whose contract is the same. */
enum DatagramKind {
    UDP4(StandardProtocolFamily.INET, Capability.UDP),
    UDP6(StandardProtocolFamily.INET6, Capability.UDP),
    UNIX(StandardProtocolFamily.UNIX, Capability.UNIX_DATAGRAM);

    final StandardProtocolFamily family;
    final Capability needed;

    DatagramKind(StandardProtocolFamily family, Capability needed) {
        this.family = family;
        this.needed = needed;
    }

    boolean isUdp() {
        return this != UNIX;
    }

    /** Whether the machine has it: many containers have no IPv6 loopback. */
    boolean isThere() {
        if (this == UNIX) {
            return true;
        }
        try (DatagramSocket probe = new DatagramSocket(0, loopback())) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    InetAddress loopback() {
        return address(this == UDP6 ? "::1" : "127.0.0.1");
    }

    static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    /** A free address; for UNIX a path in a folder. */
    SocketAddress freeAddress(Path folder, int number) {
        return this == UNIX ? UnixName.of(folder.resolve("d" + number)) : new InetSocketAddress(loopback(), 0);
    }

    /** How long the longest datagram is that must pass. */
    int longest() {
        return switch (this) {
            case UDP4 -> 65_507; // an IPv4 packet less its header and that of UDP
            case UDP6 -> 65_527;
            case UNIX -> 65_536; // the buffers set the limit, and it is above that
        };
    }

    /** How long one is that never passes. */
    int tooLong() {
        return isUdp() ? longest() + 1 : 64 << 20;
    }
}

package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET;
import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.IPPROTO_MPTCP;
import static io.bobbinet.linux.Constants.IPPROTO_TCP;
import static io.bobbinet.linux.Constants.IPPROTO_UDP;
import static io.bobbinet.linux.Constants.SOCK_DGRAM;
import static io.bobbinet.linux.Constants.SOCK_SEQPACKET;
import static io.bobbinet.linux.Constants.SOCK_STREAM;
import static io.bobbinet.linux.Constants.SOL_SOCKET;
import static io.bobbinet.linux.Constants.SO_ACCEPTCONN;
import static io.bobbinet.linux.Constants.SO_DOMAIN;
import static io.bobbinet.linux.Constants.SO_PROTOCOL;
import static io.bobbinet.linux.Constants.SO_TYPE;
import static io.bobbinet.linux.Constants.S_IFBLK;
import static io.bobbinet.linux.Constants.S_IFCHR;
import static io.bobbinet.linux.Constants.S_IFDIR;
import static io.bobbinet.linux.Constants.S_IFIFO;
import static io.bobbinet.linux.Constants.S_IFREG;
import static io.bobbinet.linux.Constants.S_IFSOCK;

import io.bobbinet.spi.DescriptorFacts;
import io.bobbinet.spi.DescriptorFacts.Kind;
import io.bobbinet.spi.DescriptorFacts.State;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Finds out what is behind a descriptor. */
final class Facts {
    private Facts() {}

    static DescriptorFacts of(int fd) throws IOException {
        return switch (FileCalls.status(fd).type()) {
            case S_IFREG -> plain(Kind.FILE, "a regular file");
            case S_IFDIR -> plain(Kind.DIRECTORY, "a directory");
            case S_IFIFO -> plain(Kind.PIPE, "a pipe");
            case S_IFCHR -> plain(Kind.DEVICE, FileCalls.isTerminal(fd) ? "a terminal" : "a character device");
            case S_IFBLK -> plain(Kind.DEVICE, "a block device");
            case S_IFSOCK -> socket(fd);
            default -> plain(Kind.OTHER, "neither a file nor a socket");
        };
    }

    private static DescriptorFacts plain(Kind kind, String text) {
        return new DescriptorFacts(kind, State.NONE, text);
    }

    private static DescriptorFacts socket(int fd) throws IOException {
        int domain = SocketOptions.number(fd, SOL_SOCKET, SO_DOMAIN);
        int type = SocketOptions.number(fd, SOL_SOCKET, SO_TYPE);
        int protocol = SocketOptions.number(fd, SOL_SOCKET, SO_PROTOCOL);
        State state = state(fd, domain);
        if (domain == AF_UNIX) {
            return switch (type) {
                case SOCK_STREAM -> new DescriptorFacts(Kind.UNIX_STREAM, state, "a UNIX stream socket");
                case SOCK_DGRAM -> new DescriptorFacts(Kind.UNIX_DATAGRAM, state, "a UNIX datagram socket");
                case SOCK_SEQPACKET ->
                    new DescriptorFacts(Kind.OTHER_SOCKET, state, "a UNIX socket of sequenced packets");
                default -> other(domain, type, state);
            };
        }
        if (domain == AF_INET || domain == AF_INET6) {
            if (type == SOCK_STREAM && (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP)) {
                return new DescriptorFacts(Kind.TCP, state, "a TCP socket");
            }
            if (type == SOCK_DGRAM && protocol == IPPROTO_UDP) {
                return new DescriptorFacts(Kind.UDP, state, "a UDP socket");
            }
        }
        return other(domain, type, state);
    }

    private static DescriptorFacts other(int domain, int type, State state) {
        return new DescriptorFacts(Kind.OTHER_SOCKET, state, "a socket of family " + domain + " and type " + type);
    }

    private static State state(int fd, int domain) throws IOException {
        if (SocketOptions.number(fd, SOL_SOCKET, SO_ACCEPTCONN) != 0) {
            return State.LISTENING;
        }
        if (domain != AF_UNIX && domain != AF_INET && domain != AF_INET6) {
            return State.NONE; // whose addresses we cannot read
        }
        // One end of a pair has no name, and yet its peer answers.
        if (Libc.getpeername(fd, new byte[SocketAddresses.LONGEST], new int[] {SocketAddresses.LONGEST}) >= 0) {
            return State.CONNECTED;
        }
        return isNamed(SocketAddresses.ask(Libc::getsockname, fd)) ? State.BOUND : State.NONE;
    }

    private static boolean isNamed(SocketAddress address) {
        return switch (address) {
            case UnixName name -> name.bytes().length > 0;
            case InetSocketAddress inet -> inet.getPort() != 0;
            default -> false;
        };
    }
}

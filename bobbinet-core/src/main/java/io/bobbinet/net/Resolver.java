package io.bobbinet.net;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Finds the addresses of host names. Everything in this package that is given a name asks a resolver, the
 * {@linkplain #system() system's} unless told otherwise; numeric addresses are never asked for.
 *
 * {@snippet file="NetExamples.java" region="resolver"}
 *
 * <p>Called by many threads at once. {@link #resolve} may block; it should do so interruptibly, as all of this library does,
 * so that a cancelled connect returns at once.
 */
@FunctionalInterface
public interface Resolver {

    /**
     * Finds the addresses of a host.
     *
     * @param host the name in ASCII, international names in their {@code xn--} form; not empty
     * @return the addresses, the best first, at least one
     * @throws java.net.UnknownHostException if the name has no address, with the name in the message
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the looking up fails otherwise
     */
    List<InetAddress> resolve(String host) throws IOException;

    /**
     * Finds the name of an address. By default as the {@linkplain #system() system} does.
     *
     * @param address the address
     * @return the name
     * @throws java.net.UnknownHostException if the address has no name, with the address in the message
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the looking up fails otherwise
     */
    default String reverse(InetAddress address) throws IOException {
        return system().reverse(address);
    }

    /**
     * Gives a host name the form in which {@link #resolve} is asked for it, and in which certificates have it. What is ASCII
     * stays as it is; other names are translated by IDNA 2003 as the JDK has it ({@link java.net.IDN}), except for those of
     * which IDNA 2008 makes something else.
     *
     * @param host the name, as people write it
     * @return the name in ASCII
     * @throws java.net.UnknownHostException if no host can have the name, or if the standards differ about it
     */
    static String toAscii(String host) throws java.net.UnknownHostException {
        return HostNames.ascii(host);
    }

    /**
     * {@return the resolver of the system, as the JDK uses it} Look-ups, which the system offers as blocking calls only,
     * run on at most 16 daemon threads, which end when idle. A cancelled or interrupted call returns at once and leaves its
     * look-up to itself; one that had not begun never begins.
     */
    static Resolver system() {
        return SystemResolver.INSTANCE;
    }
}

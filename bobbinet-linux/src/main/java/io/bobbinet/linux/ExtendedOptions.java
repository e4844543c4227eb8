package io.bobbinet.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bobbinet.spi.ProcessCredentials;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.SocketOption;
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/** The socket options of the module {@code jdk.net}. To be used only where the JVM has it. */
final class ExtendedOptions {
    private static final MethodHandle GETPWUID = link("getpwuid_r");
    private static final MethodHandle GETGRGID = link("getgrgid_r");

    /** {@code struct passwd} and {@code struct group} begin with the name, and neither is longer. */
    private static final int ENTRY_SIZE = 64;

    private ExtendedOptions() {}

    private static MethodHandle link(String name) {
        return Libc.link(name, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    }

    static Set<SocketOption<?>> tcp() {
        return Set.of(
                ExtendedSocketOptions.TCP_QUICKACK,
                ExtendedSocketOptions.TCP_KEEPIDLE,
                ExtendedSocketOptions.TCP_KEEPINTERVAL,
                ExtendedSocketOptions.TCP_KEEPCOUNT,
                ExtendedSocketOptions.SO_INCOMING_NAPI_ID);
    }

    static Set<SocketOption<?>> udp() {
        return Set.of(ExtendedSocketOptions.IP_DONTFRAGMENT, ExtendedSocketOptions.SO_INCOMING_NAPI_ID);
    }

    static Set<SocketOption<?>> unixStream() {
        return Set.of(ExtendedSocketOptions.SO_PEERCRED);
    }

    // -- names of users and groups

    /** The value of {@code SO_PEERCRED}. Its principals equal those of files of the same owner. */
    static UnixDomainPrincipal names(ProcessCredentials peer) throws IOException {
        UserPrincipalLookupService lookup = FileSystems.getDefault().getUserPrincipalLookupService();
        return new UnixDomainPrincipal(
                principal(lookup::lookupPrincipalByName, GETPWUID, peer.uid()),
                principal(lookup::lookupPrincipalByGroupName, GETGRGID, peer.gid()));
    }

    private interface Lookup<P> {
        P find(String name) throws IOException;
    }

    /** One that nobody has given a name, and whose number the JDK does not take for one. */
    private record Numbered(String getName) implements GroupPrincipal {}

    @SuppressWarnings("unchecked") // a group principal is a user principal too
    private static <P extends UserPrincipal> P principal(Lookup<P> lookup, MethodHandle source, long id)
            throws IOException {
        for (String name : new String[] {name(source, id), Long.toString(id)}) {
            try {
                return lookup.find(name);
            } catch (UserPrincipalNotFoundException e) {
                // then by number
            }
        }
        return (P) new Numbered(Long.toString(id));
    }

    /** The name for a number; the number itself if there is none, or the system cannot find out. */
    private static String name(MethodHandle source, long id) {
        MemorySegment strings = NativeBuffers.take();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(ENTRY_SIZE, 8);
            MemorySegment found = arena.allocate(ADDRESS);
            int failure = (int) source.invokeExact((int) id, entry, strings, strings.byteSize(), found);
            if (failure != 0 || found.get(ADDRESS, 0).address() == 0) {
                return Long.toString(id);
            }
            long offset = entry.get(ADDRESS, 0).address() - strings.address();
            return strings.getString(offset, Charset.forName(System.getProperty("native.encoding", "UTF-8")));
        } catch (Throwable t) {
            throw Libc.impossible(t);
        } finally {
            NativeBuffers.give(strings);
        }
    }
}

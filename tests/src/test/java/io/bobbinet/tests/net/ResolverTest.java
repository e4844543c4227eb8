package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Resolver;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpConnector;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names: what is asked of the resolver, and what is refused before. */
@Timeout(30)
class ResolverTest {

    /** What a resolver is asked for when somebody connects to a host; nothing if it is not asked. */
    private static List<String> askedFor(String host) throws IOException {
        List<String> asked = new ArrayList<>();
        TcpConnector connector = Tcp.connector(host, 80).withResolver(name -> {
            asked.add(name);
            throw new UnknownHostException("asked for " + name);
        });
        try {
            connector.connect().close();
        } catch (UnknownHostException e) {
            if (asked.isEmpty()) {
                throw e;
            }
        }
        return asked;
    }

    private static void assertRefused(String host, String... parts) {
        assertFails(UnknownHostException.class, () -> askedFor(host)).hasMessageContainingAll(parts);
    }

    @Test
    @Tag("smoke")
    void theSystemKnowsThisMachine() throws IOException {
        assertThat(Resolver.system().resolve("localhost"))
                .isNotEmpty()
                .allMatch(InetAddress::isLoopbackAddress)
                .containsExactly(InetAddress.getAllByName("localhost"));
    }

    @Test
    void anUnknownNameIsToldWithTheName() {
        assertFails(UnknownHostException.class, () -> Resolver.system().resolve("no-such-host.invalid"))
                .hasMessageContaining("no-such-host.invalid");
        assertFails(UnknownHostException.class, () -> Tcp.connect("no-such-host.invalid", 80))
                .hasMessageContaining("no-such-host.invalid");
    }

    @Test
    void inACancelledScopeNothingIsLookedUp() throws IOException {
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() ->
                assertFails(CancelledException.class, () -> Resolver.system().resolve("localhost")));
    }

    // -- from an address to its name

    @Test
    void theNameOfAnAddressIsWhatTheSystemSays() throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        assertThat(Resolver.system().reverse(loopback))
                .isEqualTo(InetAddress.getByAddress(loopback.getAddress()).getCanonicalHostName());
        Resolver mine = host -> List.of();
        assertThat(mine.reverse(loopback)).isEqualTo(Resolver.system().reverse(loopback));
    }

    @Test
    void anAddressWithoutANameIsUnknown() {
        // RFC 5737: an address for documentation, which has none.
        assertFails(
                        UnknownHostException.class,
                        () -> Resolver.system()
                                .reverse(InetAddress.getByAddress("made-up", new byte[] {(byte) 203, 0, 113, 77})))
                .hasMessageContaining("203.0.113.77");
    }

    // -- what is asked

    @Test
    void asciiNamesAreAskedForAsTheyAre() throws IOException {
        assertThat(askedFor("Some-Host_1.example.")).containsExactly("Some-Host_1.example.");
        assertThat(askedFor("xn--strae-oqa.de")).containsExactly("xn--strae-oqa.de");
    }

    @Test
    void internationalNamesAreAskedForInTheirAsciiForm() throws IOException {
        assertThat(askedFor("b\u00fccher.example")).containsExactly("xn--bcher-kva.example");
        assertThat(askedFor("B\u00dcCHER.example")).containsExactly("xn--bcher-kva.example");
        assertThat(askedFor("\u4f8b\u3048\u3002jp")).containsExactly("xn--r8jz45g.jp");
    }

    @Test
    void namesThatTheStandardsReadDifferentlyAreRefused() {
        assertRefused("fa\u00df.de", "fa\u00df.de", "SHARP S", "write the xn-- form");
        assertRefused("FA\u1e9e.de", "SHARP S", "write the xn-- form");
        assertRefused("\u03b2\u03cc\u03bb\u03bf\u03c2.com", "FINAL SIGMA", "write the xn-- form");
        assertRefused("\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com", "NON-JOINER", "write the xn-- form");
        assertRefused("\u0dc1\u0dca\u200d\u0dbb\u0dd3.com", "ZERO WIDTH JOINER", "write the xn-- form");
    }

    @Test
    void malformedNamesAreUnknownAndToldApart() {
        assertRefused("", "empty");
        assertRefused("a..b", "a..b", "between dots");
        assertRefused(".a", ".a");
        assertRefused("a".repeat(64) + ".de", "1 to 63");
        assertRefused(("a".repeat(60) + ".").repeat(5), "253");
        assertRefused("a b", "a b", "spaces");
        assertRefused("a\0b", "a?b", "control");
        assertRefused("\u00fc".repeat(64) + ".de", "\u00fc");
        assertRefused("\u00fc..de", "\u00fc..de");
    }

    @Test
    void whatLooksLikeIpv6IsNeverAskedFor() {
        assertRefused("1:2", "1:2", "not an IPv6 address");
        assertRefused("fe80::1%no-such-interface", "no-such-interface");
        assertRefused("fe80::1%", "fe80::1%");
        assertRefused("fe80::1%99999999999", "fe80::1%99999999999");
    }

    @Test
    void theInterfaceOfAnAddressBecomesItsNumber() throws IOException {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
        assertFails(
                        io.bobbinet.net.ConnectionFailedException.class,
                        () -> Tcp.connect("fe80::1%" + loopback.getName(), 1))
                .hasMessageContaining("[fe80::1%" + loopback.getIndex() + "]:1");
    }

    @Test
    void aResolverThatFindsNothingIsTakenForUnknown() {
        assertFails(
                        UnknownHostException.class,
                        () -> Tcp.connector("some.host", 80)
                                .withResolver(host -> List.of())
                                .connect())
                .hasMessageContaining("some.host");
    }
}

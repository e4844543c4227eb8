package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET;
import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.AF_UNIX;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SocketAddressesTest {

    /** What comes back if the system has just what we gave it. */
    private static SocketAddress roundTrip(SocketAddress address, int family) throws IOException {
        byte[] encoded = SocketAddresses.encode(address, family);
        return SocketAddresses.ask(
                (fd, bytes, length) -> {
                    System.arraycopy(encoded, 0, bytes, 0, encoded.length);
                    length[0] = encoded.length;
                    return 0;
                },
                -1);
    }

    private static InetSocketAddress inet(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    @Test
    void addressesOfIPv4ComeBack() throws IOException {
        assertThat(roundTrip(inet("192.0.2.129", 65_535), AF_INET)).isEqualTo(inet("192.0.2.129", 65_535));
        assertThat(SocketAddresses.encode(inet("192.0.2.129", 0x1234), AF_INET))
                .isEqualTo(HexFormat.of().parseHex("02001234" + "c0000281" + "0000000000000000"));
    }

    @Test
    void addressesOfIPv6ComeBack() throws IOException {
        assertThat(roundTrip(inet("2001:db8::ff", 443), AF_INET6)).isEqualTo(inet("2001:db8::ff", 443));
        assertThat(SocketAddresses.encode(inet("2001:db8::ff", 0x1234), AF_INET6))
                .isEqualTo(HexFormat.of()
                        .parseHex("0a001234" + "00000000" + "20010db80000000000000000000000ff" + "00000000"));
    }

    @Test
    void scopesComeBack() throws IOException {
        byte[] local = HexFormat.of().parseHex("fe800000000000000000000000000001");
        InetSocketAddress scoped = new InetSocketAddress(Inet6Address.getByAddress(null, local, 70_000), 1);
        InetSocketAddress back = (InetSocketAddress) roundTrip(scoped, AF_INET6);
        assertThat(back).isEqualTo(scoped);
        assertThat(((Inet6Address) back.getAddress()).getScopeId()).isEqualTo(70_000);
    }

    @Test
    void addressesOfIPv4AreMappedForSocketsOfIPv6() throws IOException {
        assertThat(SocketAddresses.encode(inet("192.0.2.1", 80), AF_INET6))
                .isEqualTo(HexFormat.of()
                        .parseHex("0a000050" + "00000000" + "00000000000000000000ffffc0000201" + "00000000"));
        InetSocketAddress back = (InetSocketAddress) roundTrip(inet("192.0.2.1", 80), AF_INET6);
        assertThat(back).isEqualTo(inet("192.0.2.1", 80));
        assertThat(back.getAddress()).isInstanceOf(Inet4Address.class);
    }

    @Test
    void theWildcardIsThatOfTheFamily() throws IOException {
        assertThat(roundTrip(inet("0.0.0.0", 80), AF_INET6)).isEqualTo(inet("::", 80));
        assertThat(roundTrip(inet("0.0.0.0", 80), AF_INET)).isEqualTo(inet("0.0.0.0", 80));
    }

    private static UnixName name(String text) {
        return new UnixName(text.getBytes(UTF_8));
    }

    @Test
    void namesOfUnixSocketsComeBack() throws IOException {
        for (String text :
                new String[] {"", "a", "/run/some", "\0abstract", "\0", "\0with\0zeros\0", "\0" + "x".repeat(107)}) {
            assertThat(roundTrip(name(text), AF_UNIX)).as(text).isEqualTo(name(text));
        }
        byte[] any = {'/', (byte) 0xff, (byte) 0x80, 1};
        assertThat(roundTrip(new UnixName(any), AF_UNIX)).isEqualTo(new UnixName(any));
    }

    @Test
    void theLongestPathsNeedNoZeroAtTheEnd() throws IOException {
        UnixName longest = name("/" + "x".repeat(107));
        assertThat(SocketAddresses.encode(longest, AF_UNIX)).hasSize(110);
        assertThat(roundTrip(longest, AF_UNIX)).isEqualTo(longest);
        assertThat(SocketAddresses.encode(name("/" + "x".repeat(106)), AF_UNIX)).hasSize(110);
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> SocketAddresses.encode(name("/" + "x".repeat(108)), AF_UNIX))
                .withMessage("A UNIX name of 109 bytes; the system takes 108");
    }

    @Test
    void pathsEndWithTheirFirstZero() throws IOException {
        byte[] padded = Arrays.copyOf(SocketAddresses.encode(name("/a"), AF_UNIX), 110);
        SocketAddress back = SocketAddresses.ask(
                (fd, bytes, length) -> {
                    System.arraycopy(padded, 0, bytes, 0, padded.length);
                    length[0] = padded.length;
                    return 0;
                },
                -1);
        assertThat(back).isEqualTo(name("/a"));
    }

    @Test
    void anAddressOfNoLengthIsAnUnnamedUnixSocket() throws IOException {
        SocketAddress back = SocketAddresses.ask(
                (fd, bytes, length) -> {
                    length[0] = 0;
                    return 0;
                },
                -1);
        assertThat(back).isEqualTo(name(""));
    }

    @Test
    void addressesOfAnotherFamilyAreRefused() {
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> SocketAddresses.encode(inet("::1", 1), AF_INET));
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> SocketAddresses.encode(inet("::1", 1), AF_UNIX));
        assertThatExceptionOfType(SocketException.class).isThrownBy(() -> SocketAddresses.encode(name("/a"), AF_INET6));
    }

    @Test
    void onlyPathsAreLookedUp() throws Exception {
        assertThat(SocketAddresses.isPath(SocketAddresses.encode(UnixName.of(Path.of("x")), AF_UNIX)))
                .isTrue();
        assertThat(SocketAddresses.isPath(SocketAddresses.encode(new UnixName(new byte[] {0, 'x'}), AF_UNIX)))
                .isFalse();
        assertThat(SocketAddresses.isPath(SocketAddresses.encode(new UnixName(new byte[0]), AF_UNIX)))
                .isFalse();
        assertThat(SocketAddresses.isPath(SocketAddresses.encode(new InetSocketAddress("1.2.3.4", 0x7f01), AF_INET)))
                .isFalse();
        assertThat(SocketAddresses.isPath(new byte[0])).isFalse();
    }
}

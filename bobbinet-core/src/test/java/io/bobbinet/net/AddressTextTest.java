package io.bobbinet.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AddressTextTest {

    private static String text(String literal) {
        return AddressText.of(InetAddress.ofLiteral(literal));
    }

    @Test
    void ipv6IsShortenedAsRfc5952Says() {
        assertThat(text("2001:db8:0:0:1:0:0:1")).isEqualTo("2001:db8::1:0:0:1");
        assertThat(text("0:0:0:0:0:0:0:0")).isEqualTo("::");
        assertThat(text("0:0:0:0:0:0:0:1")).isEqualTo("::1");
        assertThat(text("1:0:0:0:0:0:0:0")).isEqualTo("1::");
        assertThat(text("2001:db8:0:1:1:1:1:1")).isEqualTo("2001:db8:0:1:1:1:1:1");
        assertThat(text("0:1:0:0:0:1:0:0")).isEqualTo("0:1::1:0:0");
        assertThat(text("ABCD:0:0:0:0:0:0:12")).isEqualTo("abcd::12");
        assertThat(text("fe80:0:0:0:0:0:0:1%1")).isEqualTo("fe80::1%1");
        assertThat(text("1:2:3:4:5:6:7:8")).isEqualTo("1:2:3:4:5:6:7:8");
    }

    @Test
    void portsFollowAndIpv6IsInBrackets() {
        assertThat(AddressText.of(new InetSocketAddress("127.0.0.1", 80))).isEqualTo("127.0.0.1:80");
        assertThat(AddressText.of(new InetSocketAddress("::1", 80))).isEqualTo("[::1]:80");
        assertThat(AddressText.of(InetSocketAddress.createUnresolved("some.host", 80)))
                .isEqualTo("some.host:80");
        assertThat(AddressText.of(UnixAddress.unnamed())).isEqualTo("an unnamed socket");
    }
}

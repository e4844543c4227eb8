package io.bobbinet.tests.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.net.Endpoint;
import io.bobbinet.net.UnixAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class EndpointTest {

    @Test
    @Tag("smoke")
    void tcpNamesHostAndPort() {
        assertThat(Endpoint.parse("tcp://localhost:1234")).isEqualTo(new Endpoint.Tcp("localhost", 1234));
    }

    @Test
    void eachSchemeHasItsRecord() {
        assertThat(Endpoint.parse("tls://example.org:443")).isEqualTo(new Endpoint.Tls("example.org", 443));
        assertThat(Endpoint.parse("udp://127.0.0.1:53")).isEqualTo(new Endpoint.Udp("127.0.0.1", 53));
        assertThat(Endpoint.parse("unix:///run/a.sock"))
                .isEqualTo(new Endpoint.Unix(UnixAddress.of(Path.of("/run/a.sock"))));
        assertThat(Endpoint.parse("unixgram:///dev/log"))
                .isEqualTo(new Endpoint.UnixDatagram(UnixAddress.of(Path.of("/dev/log"))));
    }

    @Test
    void schemesAreTheSameInCapitals() {
        assertThat(Endpoint.parse("TCP://localhost:1")).isEqualTo(new Endpoint.Tcp("localhost", 1));
    }

    @Test
    void emptyHostIsTheWildcard() {
        assertThat(Endpoint.parse("tcp://:80")).isEqualTo(new Endpoint.Tcp("", 80));
    }

    @Test
    void portZeroIsLeftToTheSystem() {
        assertThat(Endpoint.parse("tcp://127.0.0.1:0")).isEqualTo(new Endpoint.Tcp("127.0.0.1", 0));
    }

    @Test
    void withPortKeepsTheHost() {
        assertThat(new Endpoint.Tcp("::1", 0).withPort(4711)).hasToString("tcp://[::1]:4711");
        assertThat(new Endpoint.Tls("a", 0).withPort(2)).hasToString("tls://a:2");
        assertThat(new Endpoint.Udp("", 0).withPort(3)).hasToString("udp://:3");
    }

    @Test
    void inet6HostsStandInBrackets() {
        assertThat(Endpoint.parse("tcp://[::1]:80")).isEqualTo(new Endpoint.Tcp("::1", 80));
        assertThat(Endpoint.parse("tcp://[2001:db8::7]:80")).isEqualTo(new Endpoint.Tcp("2001:db8::7", 80));
    }

    @Test
    void inet6ZonesMayBeWrittenPlainOrEncoded() {
        assertThat(Endpoint.parse("tcp://[fe80::1%eth0]:80")).isEqualTo(new Endpoint.Tcp("fe80::1%eth0", 80));
        assertThat(Endpoint.parse("tcp://[fe80::1%25eth0]:80")).isEqualTo(new Endpoint.Tcp("fe80::1%eth0", 80));
    }

    @Test
    void unixAbstractNamesFollowAnAtSign() {
        var endpoint = (Endpoint.Unix) Endpoint.parse("unix:@bobbinet");
        assertThat(endpoint.address()).isEqualTo(UnixAddress.ofAbstract("bobbinet"));
        assertThat(endpoint).hasToString("unix:@bobbinet");
    }

    @Test
    void unixPathsAreDecoded() {
        assertThat(Endpoint.parse("unix:///tmp/a%20b%25"))
                .isEqualTo(new Endpoint.Unix(UnixAddress.of(Path.of("/tmp/a b%"))));
        assertThat(Endpoint.parse("unix:///tmp/a b?#"))
                .isEqualTo(new Endpoint.Unix(UnixAddress.of(Path.of("/tmp/a b?#"))));
    }

    @Test
    void unixPathsKeepBytesThatAreNoText() {
        var endpoint = (Endpoint.Unix) Endpoint.parse("unix:///tmp/%E9");
        assertThat(endpoint.address().bytes()).isEqualTo("/tmp/\u00e9".getBytes(ISO_8859_1));
        assertThat(endpoint).hasToString("unix:///tmp/%E9");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://localhost:1234",
                "tcp://:0",
                "tls://[2001:db8::7]:443",
                "udp://[fe80::1%eth0]:53",
                "tcp://b\u00fccher.example:80",
                "unix:///tmp/socket",
                "unix:///tmp/%25%20%0A",
                "unix:///tmp/\u00fc",
                "unix:@name",
                "unixgram:///dev/log",
                "unixgram:@name"
            })
    void printsAsItIsWritten(String uri) {
        assertThat(Endpoint.parse(uri)).hasToString(uri);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        localhost:1234                | scheme that is not known | tcp://HOST:PORT
        localhost                     | has no scheme | tcp://HOST:PORT
        ''                            | has no scheme | unix:///PATH
        http://localhost:80           | scheme that is not known | tcp://HOST:PORT
        tcp:localhost:80              | has no // after its scheme | tcp://localhost:1234
        tcp:/localhost:80             | has no // after its scheme | tcp://localhost:1234
        tcp://localhost               | has no port | tcp://localhost:1234
        tcp://localhost:              | has no port | tcp://localhost:1234
        tcp://                        | has no port | tcp://localhost:1234
        tcp://[::1]                   | has no port | tcp://localhost:1234
        tcp://localhost:x             | port that is not a number from 0 to 65535 | tcp://localhost:1234
        tcp://localhost:-1            | port that is not a number from 0 to 65535 | tcp://localhost:1234
        tcp://localhost:+1            | port that is not a number from 0 to 65535 | tcp://localhost:1234
        tcp://localhost:65536         | port that is not a number from 0 to 65535 | tcp://localhost:1234
        tcp://localhost:99999999999   | port that is not a number from 0 to 65535 | tcp://localhost:1234
        tcp://localhost:\u0661        | port that is not a number from 0 to 65535 | tcp://localhost:1234
        tcp://localhost:80/path       | goes on after its port | tcp://HOST:PORT
        tcp://localhost:80?x          | goes on after its port | tcp://HOST:PORT
        tcp://localhost:80#x          | goes on after its port | tcp://HOST:PORT
        tcp://::1:80                  | has colons in its host | tcp://[::1]:1234
        tcp://[::1:80                 | bracket that is not closed | tcp://[::1]:1234
        tcp://[::1]80                 | goes on after its bracket | tcp://[::1]:1234
        tcp://[localhost]:80          | brackets around what is no IPv6 address | tcp://HOST:PORT
        tcp://[::zz]:80               | is not an IPv6 address | tcp://HOST:PORT
        tcp://[::1%]:80               | zone that cannot be | tcp://HOST:PORT
        tcp://me@localhost:80         | neither a name nor an address | tcp://HOST:PORT
        tcp://two words:80            | neither a name nor an address | tcp://HOST:PORT
        unix:socket                   | has no absolute path | unix:///tmp/socket
        unix:/tmp/socket              | has not three slashes before its path | unix:///tmp/socket
        unix://tmp/socket             | has not three slashes before its path | unix:///tmp/socket
        unix:///                      | has an empty path | unix:///tmp/socket
        unix:@                        | has an empty name | unix:@NAME
        unix:///tmp/100%              | percent sign without two hexadecimal digits | unix:///tmp/socket
        unix:///tmp/%zz               | percent sign without two hexadecimal digits | unix:///tmp/socket
        unix:///tmp/%00               | names no UNIX socket | unix:///tmp/socket
        unixgram:socket               | has no absolute path | unixgram:///tmp/socket
        """)
    void saysWhatIsWrongAndWhatARightOneLooksLike(String uri, String what, String right) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Endpoint.parse(uri))
                .withMessageStartingWith("The endpoint '" + uri + "' ")
                .withMessageContaining(what)
                .withMessageContaining("; write ")
                .withMessageContaining(right);
    }

    @Test
    void recordsRefuseWhatCannotBeParsedBack() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Endpoint.Tcp("localhost", 65_536));
        assertThatIllegalArgumentException().isThrownBy(() -> new Endpoint.Tcp("[::1]", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Endpoint.Tls("a:b", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Endpoint.Udp("a/b", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Endpoint.Unix(UnixAddress.unnamed()));
        assertThatIllegalArgumentException().isThrownBy(() -> new Endpoint.Unix(UnixAddress.of(Path.of("relative"))));
        assertThatIllegalArgumentException().isThrownBy(() -> new Endpoint.UnixDatagram(UnixAddress.unnamed()));
    }

    @Test
    void tooLongUnixPathsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Endpoint.parse("unix:///" + "x".repeat(108)))
                .withMessageContaining("names no UNIX socket");
    }
}

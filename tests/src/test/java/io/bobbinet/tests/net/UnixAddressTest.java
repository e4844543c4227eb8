package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.UnixAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(30)
class UnixAddressTest {

    @Test
    void aPathKeepsItsBytes() {
        var address = UnixAddress.of(Path.of("/tmp/a"));
        assertThat(address.isPath()).isTrue();
        assertThat(address.isAbstract()).isFalse();
        assertThat(address.isUnnamed()).isFalse();
        assertThat(address.bytes()).isEqualTo(bytes("/tmp/a"));
        assertThat(address.path()).isEqualTo(Path.of("/tmp/a"));
        assertThat(address).hasToString("/tmp/a").isEqualTo(UnixAddress.of(bytes("/tmp/a")));
        assertThat(UnixAddress.of(Path.of("relative/a")).bytes()).isEqualTo(bytes("relative/a"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aPathThatIsNoTextSurvivesTheWayThroughTheJdk() {
        byte[] raw = {'/', 't', 'm', 'p', '/', (byte) 0xff, (byte) 0xc3, '%', '?'};
        var address = UnixAddress.of(raw);
        assertThat(UnixAddress.of(address.path()).bytes()).isEqualTo(raw);
        assertThat(UnixAddress.from(address.toJdk())).isEqualTo(address);
        assertThat(address.hashCode()).isEqualTo(UnixAddress.of(raw).hashCode());
    }

    @Test
    void anAbstractNameIsShownAsTheKernelShowsIt() {
        var address = UnixAddress.ofAbstract(new byte[] {'a', 0, 'b'});
        assertThat(address).hasToString("@a@b");
        assertThat(address.isAbstract()).isTrue();
        assertThat(address.isPath()).isFalse();
        assertThat(address.bytes()).isEqualTo(new byte[] {'a', 0, 'b'});
        assertThat(UnixAddress.ofAbstract("x")).isNotEqualTo(UnixAddress.of(bytes("x")));
        assertFails(IllegalStateException.class, () -> address.path());
        assertFails(UnsupportedOperationException.class, () -> address.toJdk());
        assertFails(IllegalArgumentException.class, () -> UnixAddress.ofAbstract(""));
        assertFails(IllegalArgumentException.class, () -> UnixAddress.ofAbstract(new byte[108]));
        assertThat(UnixAddress.ofAbstract(new byte[107]).bytes()).hasSize(107);
    }

    @Test
    void anUnnamedAddressHasNothing() {
        assertThat(UnixAddress.unnamed().isUnnamed()).isTrue();
        assertThat(UnixAddress.unnamed()).hasToString("");
        assertThat(UnixAddress.unnamed().bytes()).isEmpty();
        assertThat(UnixAddress.from(UnixDomainSocketAddress.of(""))).isEqualTo(UnixAddress.unnamed());
        assertThat(UnixAddress.unnamed().toJdk()).isEqualTo(UnixDomainSocketAddress.of(""));
        assertFails(IllegalStateException.class, () -> UnixAddress.unnamed().path());
    }
}

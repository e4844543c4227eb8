package io.bobbinet.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.ListenerHandle;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CommonPortTest {
    private static final InetSocketAddress FIRST = new InetSocketAddress("127.0.0.1", 0);
    private static final InetSocketAddress SECOND = new InetSocketAddress("127.0.0.2", 0);
    private static final InetSocketAddress THIRD = new InetSocketAddress("127.0.0.3", 0);

    /** A system that hands out ports from 1001 on, some of which are taken. */
    private static final class System {
        final List<String> attempts = new ArrayList<>();
        final List<ListenerHandle> opened = new ArrayList<>();
        private final Set<String> taken;
        private int lastPort = 1000;

        System(String... taken) {
            this.taken = Set.of(taken);
        }

        ListenerHandle listen(InetSocketAddress local) throws IOException {
            attempts.add(AddressText.of(local));
            if (taken.contains(AddressText.of(local)) || taken.contains(local.getHostString())) {
                throw new BindException("Address already in use: " + AddressText.of(local));
            }
            int port = local.getPort() == 0 ? ++lastPort : local.getPort();
            var handle = new ScriptedListenerHandle(new InetSocketAddress(local.getAddress(), port), () -> {
                throw new IOException("nobody accepts here");
            });
            opened.add(handle);
            return handle;
        }

        long open() {
            return opened.stream().filter(ListenerHandle::isOpen).count();
        }
    }

    @Test
    void allGetThePortOfTheFirst() throws IOException {
        var system = new System();
        List<ListenerHandle> handles = CommonPort.listen(List.of(FIRST, SECOND, THIRD), system::listen);
        assertThat(system.attempts).containsExactly("127.0.0.1:0", "127.0.0.2:1001", "127.0.0.3:1001");
        assertThat(handles).hasSize(3).isEqualTo(system.opened);
        assertThat(system.open()).isEqualTo(3);
    }

    @Test
    void ifThePortIsTakenAnotherAddressGoesFirst() throws IOException {
        var system = new System("127.0.0.3:1001", "127.0.0.1:1002");
        List<ListenerHandle> handles = CommonPort.listen(List.of(FIRST, SECOND, THIRD), system::listen);
        assertThat(system.attempts)
                .containsExactly(
                        "127.0.0.1:0",
                        "127.0.0.2:1001",
                        "127.0.0.3:1001",
                        "127.0.0.2:0",
                        "127.0.0.3:1002",
                        "127.0.0.1:1002",
                        "127.0.0.3:0",
                        "127.0.0.1:1003",
                        "127.0.0.2:1003");
        assertThat(handles).hasSize(3).allMatch(ListenerHandle::isOpen);
        assertThat(system.open()).isEqualTo(3);
    }

    @Test
    void theSearchHasAnEndAndListsWhatWasTried() {
        var system = new System(
                "127.0.0.2:1001",
                "127.0.0.1:1002",
                "127.0.0.2:1003",
                "127.0.0.1:1004",
                "127.0.0.2:1005",
                "127.0.0.1:1006",
                "127.0.0.2:1007",
                "127.0.0.1:1008");
        assertThatThrownBy(() -> CommonPort.listen(List.of(FIRST, SECOND), system::listen))
                .isExactlyInstanceOf(BindException.class)
                .hasMessage("No port is free on all of [127.0.0.1:0, 127.0.0.2:0]")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .hasSize(CommonPort.ROUNDS)
                        .extracting(Throwable::getMessage)
                        .contains("Address already in use: 127.0.0.2:1001"));
        assertThat(system.open()).isZero();
    }

    @Test
    void anAddressThatCannotBeHadAtAllFailsAsItIs() {
        var system = new System("127.0.0.2");
        assertThatThrownBy(() -> CommonPort.listen(List.of(FIRST, SECOND), system::listen))
                .hasMessage("Address already in use: 127.0.0.2:0");
        assertThat(system.attempts).containsExactly("127.0.0.1:0", "127.0.0.2:1001", "127.0.0.2:0");
        assertThat(system.open()).isZero();
    }

    @Test
    void aGivenPortIsNotSearchedFor() {
        var system = new System("127.0.0.2:80");
        var addresses = List.of(new InetSocketAddress("127.0.0.1", 80), new InetSocketAddress("127.0.0.2", 80));
        assertThatThrownBy(() -> CommonPort.listen(addresses, system::listen))
                .isExactlyInstanceOf(BindException.class)
                .hasMessage("Address already in use: 127.0.0.2:80");
        assertThat(system.attempts).hasSize(2);
        assertThat(system.open()).isZero();
    }
}

package io.bobbinet.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs no service manager. */
class SupervisorTest {

    @Test
    void withoutAManagerNothingIsSentOnAnyBackend() throws IOException {
        assertThat(Supervisor.notify(Map.of(), Supervisor.READY, List.of())).isFalse();
        assertThat(Supervisor.notify(Map.of("NOTIFY_SOCKET", ""), Supervisor.READY, List.of()))
                .isFalse();
    }

    @Test
    void aManagerThatTheBackendCannotReachIsTold() {
        assertThatThrownBy(() ->
                        Supervisor.notify(Map.of("NOTIFY_SOCKET", "/run/systemd/notify"), Supervisor.READY, List.of()))
                .isExactlyInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("the backend linux");
    }

    @Test
    void anEmptyStateIsRefused() {
        assertThatThrownBy(() -> Supervisor.notify(Map.of(), "", List.of()))
                .isExactlyInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCancelledScopeSendsNothing() throws IOException {
        var scope = CancelScope.create();
        scope.cancel();
        assertThat(scope.call(() -> Supervisor.notify(Supervisor.READY))).isEmpty();
    }

    @Test
    void theSocketIsAPathOrAnAbstractName() throws IOException {
        assertThat(Supervisor.address("/run/x")).isEqualTo(UnixAddress.of(Path.of("/run/x")));
        assertThat(Supervisor.address("@x@y")).isEqualTo(UnixAddress.ofAbstract("x@y"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"relative", "vsock:2:1234", "@", " /run/x"})
    void anythingElseIsTold(String socket) {
        assertThatThrownBy(() -> Supervisor.notify(Map.of("NOTIFY_SOCKET", socket), Supervisor.READY, List.of()))
                .isExactlyInstanceOf(IOException.class)
                .hasMessageContaining("NOTIFY_SOCKET");
    }

    @Test
    void aPathThatIsTooLongIsTold() {
        assertThatThrownBy(() -> Supervisor.address("/" + "x".repeat(107)))
                .isExactlyInstanceOf(IOException.class)
                .hasMessageContaining("107");
    }
}

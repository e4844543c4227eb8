package io.bobbinet.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.examples.tour.TcpClient;
import org.junit.jupiter.api.Test;

class ProgramSourceTest {

    @Test
    void everyProgramCarriesItsSource() {
        assertThat(ProgramSource.of(TcpClient.class)).contains("public final class TcpClient {");
        assertThat(ProgramSource.of(ChatServer.class)).contains("public final class ChatServer {");
    }

    @Test
    void aClassOfOthersHasNone() {
        assertThatIllegalArgumentException().isThrownBy(() -> ProgramSource.of(Thread.class));
    }
}

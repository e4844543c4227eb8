package io.bobbinet.tests.stream;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ResourceGuard;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ResourceGuardTest {
    private final ResourceGuard guard = new ResourceGuard("receiving from");

    @Test
    @Tag("smoke")
    void theSecondIsToldAtOnceWhatIsGoingOn() {
        guard.enter();
        assertThatExceptionOfType(BusyResourceException.class)
                .isThrownBy(guard::enter)
                .withMessageContaining("receiving from");
    }

    @Test
    void afterAnExitTheNextMayEnter() {
        guard.enter();
        guard.exit();
        assertThatCode(guard::enter).doesNotThrowAnyException();
    }

    @Test
    void theOneWhoIsRefusedDoesNotDisturbTheFirst() {
        guard.enter();
        assertThatExceptionOfType(BusyResourceException.class).isThrownBy(guard::enter);
        assertThatExceptionOfType(BusyResourceException.class).isThrownBy(guard::enter);
        guard.exit();
        guard.enter();
    }
}

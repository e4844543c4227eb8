package io.bobbinet.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the variables of the environment say. */
class ActivationTest {
    private static final long PID = 4_711;

    private final Map<String, String> environment = new HashMap<>(Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "2"));

    private List<String> names() throws IOException {
        return Activation.names(environment, PID);
    }

    private void assertMalformed(String variable, String value) {
        environment.put(variable, value);
        assertThatThrownBy(this::names)
                .isExactlyInstanceOf(IOException.class)
                .hasMessageContaining(variable)
                .hasMessageContaining(value);
    }

    @Test
    void withoutNamesAllAreUnknown() throws IOException {
        assertThat(names()).containsExactly("unknown", "unknown");
        environment.put("LISTEN_FDNAMES", "");
        assertThat(names()).containsExactly("unknown", "unknown");
    }

    @Test
    void namesAreSeparatedByColonsAndMayBeEmptyOrTheSame() throws IOException {
        environment.put("LISTEN_FDS", "4");
        environment.put("LISTEN_FDNAMES", "web:web::");
        assertThat(names()).containsExactly("web", "web", "", "");
    }

    @Test
    void thereAreAsManyNamesAsDescriptors() {
        assertMalformed("LISTEN_FDNAMES", "web");
        assertMalformed("LISTEN_FDNAMES", "a:b:c");
    }

    @Test
    void withoutTheVariablesThereIsNothing() throws IOException {
        environment.remove("LISTEN_FDS");
        assertThat(names()).isEmpty();
        environment.put("LISTEN_FDS", "1");
        environment.remove("LISTEN_PID");
        assertThat(names()).isEmpty();
    }

    @Test
    void whatIsMeantForAnotherProcessIsNoneOfOurBusiness() throws IOException {
        environment.put("LISTEN_PID", "4712");
        environment.put("LISTEN_FDS", "nonsense");
        assertThat(names()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "2x", "0x2", " 2", "2147483645", "99999999999999999999"})
    void aCountThatIsNoneIsTold(String count) {
        assertMalformed("LISTEN_FDS", count);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-4711", "me", "99999999999999999999"})
    void aProcessNumberThatIsNoneIsTold(String pid) {
        assertMalformed("LISTEN_PID", pid);
    }

    @Test
    void anEmptyVariableIsMalformed() {
        assertMalformed("LISTEN_FDS", "");
        assertMalformed("LISTEN_PID", "");
    }

    /** The count need not be believed before the first descriptor was looked for. */
    @Test
    void aLargeCountCostsNothing() throws IOException {
        environment.put("LISTEN_FDS", "2147483644");
        assertThat(names()).hasSize(2_147_483_644);
    }
}

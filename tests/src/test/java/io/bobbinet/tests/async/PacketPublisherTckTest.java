package io.bobbinet.tests.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/** The packets of a client pass the compatibility kit of Reactive Streams, which is made of tests for TestNG. */
@Timeout(120)
final class PacketPublisherTckTest {
    /** How many rules concern a publisher of our kind at least; some of the others the kit skips. */
    private static final int RULES = 20;

    private static void verify(Class<?> verification) {
        TestListenerAdapter results = new TestListenerAdapter();
        TestNG kit = new TestNG(false);
        kit.setVerbose(0);
        kit.setTestClasses(new Class<?>[] {verification});
        kit.addListener(results);
        kit.run();
        assertThat(results.getFailedTests()).as("broken rules").allSatisfy(rule -> {
            throw new AssertionError(rule.getName(), rule.getThrowable());
        });
        assertThat(results.getConfigurationFailures()).isEmpty();
        assertThat(List.copyOf(results.getPassedTests())).hasSizeGreaterThanOrEqualTo(RULES);
    }

    @Test
    void packetsOfAStreamFollowTheRules() {
        verify(PacketPublisherVerification.class);
    }

    @Test
    void packetsOnAnExecutorOfOneThreadFollowTheRules() {
        verify(PacketPublisherVerification.OnOneThread.class);
    }
}

package io.bobbinet.tests.spi;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.bobbinet.task.Backends;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.BackendContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** The backends keep their contract; {@code -Dbobbinet.backend.checks=text} runs only those with the text in the name. */
@OnEachBackend
@DisplayName("BackendContractTest")
@Timeout(120)
class BackendContractTest {

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> keepsTheContract() {
        String wanted = System.getProperty("bobbinet.backend.checks", "");
        return BackendContract.checks(Backends.current()).stream()
                .filter(check -> check.name().contains(wanted))
                .map(check -> dynamicTest(check.name(), check::run));
    }
}

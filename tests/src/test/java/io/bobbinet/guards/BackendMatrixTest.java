package io.bobbinet.guards;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.task.Backends;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.ThreadKind;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The matrix, run by itself: every kind of test method notes where it ran. */
@OnEachBackend(threads = {ThreadKind.PLATFORM, ThreadKind.TASK})
@DisplayName("BackendMatrixTest")
@Timeout(30)
final class BackendMatrixTest {
    /** The rounds that each kind of method saw; written by one thread after the other. */
    private static final Map<String, Set<String>> SEEN = new TreeMap<>();

    private String prepared = "";

    private static void note(String method) {
        String thread = Thread.currentThread().isVirtual() ? "task" : "main";
        SEEN.computeIfAbsent(method, m -> new TreeSet<>())
                .add(Backends.current().name() + " " + thread);
    }

    @BeforeEach
    void prepare() {
        prepared = Backends.current().name();
    }

    @AfterEach
    void cleanUpOnTheSameBackend() {
        assertThat(Backends.current().name()).isEqualTo(prepared);
    }

    @AfterAll
    static void everyMethodSawEveryRound() {
        Set<String> rounds = new TreeSet<>();
        for (String backend : backends()) {
            rounds.add(backend + " main");
            rounds.add(backend + " task");
        }
        assertThat(SEEN)
                .isNotEmpty()
                .allSatisfy((method, seen) -> assertThat(seen).isEqualTo(rounds));
    }

    private static Iterable<String> backends() {
        String wanted = System.getProperty("bobbinet.backends", "");
        return wanted.isEmpty()
                ? Backends.candidates().stream()
                        .filter(Backends.Candidate::isSupported)
                        .map(Backends.Candidate::name)
                        .toList()
                : Set.of(wanted.split(","));
    }

    @Test
    @Tag("smoke")
    void preparesAndTestsOnOneBackend() {
        note("plain");
        assertThat(Backends.current().name()).isEqualTo(prepared);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void bindsParameterizedTests(int number) {
        note("parameter " + number);
    }

    @TestFactory
    Stream<DynamicTest> bindsDynamicTests() {
        return Stream.of(DynamicTest.dynamicTest("factory", () -> note("factory")));
    }

    @Test
    void tasksInheritTheBackend() throws IOException {
        note("inherited");
        String here = Backends.current().name();
        TaskGroup.run(
                group -> group.fork(() -> assertThat(Backends.current().name()).isEqualTo(here)));
    }

    @Nested
    final class Inside {
        @Test
        void bindsNestedClasses() {
            note("nested");
            assertThat(Backends.current().name()).isEqualTo(prepared);
        }
    }
}

package io.bobbinet.testing;

import io.bobbinet.spi.Capability;
import io.bobbinet.task.Backends;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Makes the rounds of {@link OnEachBackend}. */
final class BackendMatrix implements ClassTemplateInvocationContextProvider, ExecutionCondition {
    private static final String PROPERTY = "bobbinet.backends";

    BackendMatrix() {}

    private record Round(String backend, ThreadKind thread, boolean namesThread)
            implements ClassTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return namesThread ? backend + ", " + thread : backend;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new RoundInterceptor(backend, thread));
        }
    }

    /** The backends that get rounds, best first; at least one. */
    static List<String> backends() {
        String wanted = System.getProperty(PROPERTY, "");
        if (!wanted.isEmpty()) {
            return List.of(wanted.split(","));
        }
        return Backends.candidates().stream()
                .filter(Backends.Candidate::isSupported)
                .map(Backends.Candidate::name)
                .toList();
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        OnEachBackend matrix = context.getRequiredTestClass().getAnnotation(OnEachBackend.class);
        // Asked again for what is inside the class, a nested class too, which has nothing to say.
        return matrix == null || rounds(matrix).findAny().isPresent()
                ? ConditionEvaluationResult.enabled("")
                : ConditionEvaluationResult.disabled(
                        "None of " + backends() + " has all of " + Arrays.toString(matrix.having()));
    }

    @Override
    public boolean supportsClassTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<? extends ClassTemplateInvocationContext> provideClassTemplateInvocationContexts(
            ExtensionContext context) {
        Class<?> test = context.getRequiredTestClass();
        DisplayName shown = test.getAnnotation(DisplayName.class);
        if (shown == null || !shown.value().equals(test.getSimpleName())) {
            throw new IllegalStateException("Reports lose the tests of " + test.getName()
                    + " unless it has @DisplayName(\"" + test.getSimpleName() + "\"), see OnEachBackend");
        }
        return rounds(test.getAnnotation(OnEachBackend.class));
    }

    private static Stream<Round> rounds(OnEachBackend matrix) {
        Set<Capability> having = Set.of(matrix.having());
        boolean namesThread = matrix.threads().length > 1;
        return backends().stream()
                .filter(b -> Backends.named(b).capabilities().containsAll(having))
                .flatMap(b -> Arrays.stream(matrix.threads()).map(t -> new Round(b, t, namesThread)));
    }
}

package io.bobbinet.testkit;

import io.bobbinet.task.ThrowingRunnable;
import java.util.Objects;

/**
 * One promise of a contract and how it is checked: for any test framework, as a dynamic test for instance.
 *
 * @param name the promise, as a sentence in camel case
 * @param body checks it; throws {@link AssertionError} if it is not kept
 */
public record ContractCheck(String name, ThrowingRunnable<?> body) {

    /** Checks the components. */
    public ContractCheck {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(body, "body");
    }

    /**
     * Checks the promise.
     *
     * @throws AssertionError if it is not kept, or if the check fails by an exception, which is the cause
     */
    public void run() {
        try {
            body.run();
        } catch (Throwable t) {
            throw new AssertionError(name + ": " + t.getMessage(), t);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}

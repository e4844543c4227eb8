package io.bobbinet.testkit;

import io.bobbinet.task.ThrowingRunnable;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The few assertions that contracts need. */
final class Expect {
    private Expect() {}

    static void that(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    static void equal(Object expected, Object actual) {
        that(expected.equals(actual), "Expected " + expected + " and got " + actual);
    }

    /** What is named must be as expected. */
    static void value(@Nullable Object actual, @Nullable Object expected, String what) {
        that(Objects.equals(actual, expected), what + " is " + actual + " and must be " + expected);
    }

    /** What is named must be just these bytes. */
    static void value(byte[] actual, byte[] expected, String what) {
        int at = Arrays.mismatch(actual, expected);
        that(
                at < 0,
                what + " is " + actual.length + " bytes and must be " + expected.length + ", which differ from byte "
                        + at + " on");
    }

    static void bytes(byte[] expected, byte[] actual) {
        int at = Arrays.mismatch(expected, actual);
        that(
                at < 0,
                "Expected " + expected.length + " bytes and got " + actual.length + ", which differ from byte " + at
                        + " on");
    }

    /** The body must throw exactly this class of exceptions, or one below it. */
    static <X extends Throwable> X failure(Class<X> expected, ThrowingRunnable<?> body) {
        try {
            body.run();
        } catch (Throwable t) {
            return type(expected, t);
        }
        throw new AssertionError("Nothing was thrown, and should have been " + expected.getSimpleName());
    }

    static <X extends Throwable> X type(Class<X> expected, Throwable thrown) {
        if (!expected.isInstance(thrown)) {
            throw new AssertionError("Expected " + expected.getSimpleName() + " and got " + thrown, thrown);
        }
        return expected.cast(thrown);
    }
}

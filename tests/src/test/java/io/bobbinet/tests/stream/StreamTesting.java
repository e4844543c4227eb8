package io.bobbinet.tests.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Short forms that the tests of this package share. */
final class StreamTesting {
    private StreamTesting() {}

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    /** Asserts that a body fails. Gives no value, so that it can be the body of a task that has none. */
    static void fails(Class<? extends Throwable> type, ThrowingCallable body) {
        assertThatThrownBy(body).isInstanceOf(type);
    }
}

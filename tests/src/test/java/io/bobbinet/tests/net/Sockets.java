package io.bobbinet.tests.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.Assertions;

/** Short forms that the tests of this package share. */
final class Sockets {
    private Sockets() {}

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    /** Asserts that a body fails with an exception of just this type. */
    static AbstractThrowableAssert<?, ? extends Throwable> assertFails(
            Class<? extends Throwable> type, ThrowingRunnable<?> body) {
        return Assertions.assertThatThrownBy(body::run).isExactlyInstanceOf(type);
    }

    /** How many sockets this process has open; Linux only. */
    static long openSockets() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(Sockets::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed meanwhile, such as that of the listing itself
        }
    }
}

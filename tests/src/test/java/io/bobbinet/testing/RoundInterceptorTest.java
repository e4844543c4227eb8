package io.bobbinet.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.task.Backends;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation;

@Timeout(30)
final class RoundInterceptorTest {
    private final List<String> ran = new ArrayList<>();

    /** The interceptor asks neither for the method nor for the context. */
    @SuppressWarnings("NullAway")
    private static void intercept(ThreadKind kind, Invocation<@Nullable Void> test) throws Throwable {
        new RoundInterceptor("nio", kind).interceptTestMethod(test, null, null);
    }

    private @Nullable Void note() {
        ran.add(Backends.current().name() + (Thread.currentThread().isVirtual() ? " virtual" : " platform"));
        return null;
    }

    @Test
    void callsTheTestOnTheKindOfThreadAskedFor() throws Throwable {
        intercept(ThreadKind.PLATFORM, this::note);
        intercept(ThreadKind.TASK, this::note);
        assertThat(ran).containsExactly("nio platform", "nio virtual");
    }

    @Test
    void whatTheTestThrowsComesOutAsItIs() {
        IOException failure = new IOException("the test failed");
        for (ThreadKind kind : ThreadKind.values()) {
            assertThatThrownBy(() -> intercept(kind, () -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
        }
    }

    @Test
    void anInterruptReachesTheTestOnItsOwnThread() {
        CountDownLatch never = new CountDownLatch(1);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> intercept(ThreadKind.TASK, () -> {
                    never.await();
                    return null;
                }))
                .isInstanceOf(InterruptedException.class);
        // Set again, so that the timeout that interrupted us can clear it.
        assertThat(Thread.interrupted()).isTrue();
    }
}

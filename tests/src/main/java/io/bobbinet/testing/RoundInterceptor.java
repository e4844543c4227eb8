package io.bobbinet.testing;

import io.bobbinet.task.Backends;
import java.lang.reflect.Method;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Calls everything in a round of {@link OnEachBackend} with its backend bound, and tests on its kind of thread. */
final class RoundInterceptor implements InvocationInterceptor {
    private final String backend;
    private final ThreadKind kind;

    RoundInterceptor(String backend, ThreadKind kind) {
        this.backend = backend;
        this.kind = kind;
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        bound(invocation);
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        onThread(invocation);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        onThread(invocation);
    }

    @Override
    public <T extends @Nullable Object> T interceptTestFactoryMethod(
            Invocation<T> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        return bound(invocation);
    }

    @Override
    public void interceptDynamicTest(
            Invocation<@Nullable Void> invocation, DynamicTestInvocationContext dynamic, ExtensionContext context)
            throws Throwable {
        onThread(invocation);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        bound(invocation);
    }

    // NullAway cannot see that the holder was filled when using() returned.
    @SuppressWarnings("NullAway")
    private <T extends @Nullable Object> T bound(Invocation<T> invocation) throws Throwable {
        @Nullable Object[] result = new @Nullable Object[1];
        Backends.<Throwable>using(backend, () -> result[0] = invocation.proceed());
        @SuppressWarnings("unchecked")
        T value = (T) result[0];
        return value;
    }

    private void onThread(Invocation<@Nullable Void> invocation) throws Throwable {
        if (kind == ThreadKind.PLATFORM) {
            bound(invocation);
            return;
        }
        FutureTask<@Nullable Void> body = new FutureTask<>(() -> {
            try {
                return bound(invocation);
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError("The test threw what is neither Exception nor Error", t);
            }
        });
        Thread thread = Backends.named(backend).newTaskThread("test", body);
        thread.start();
        if (awaitEnd(thread)) {
            Thread.currentThread().interrupt();
        }
        if (body.state() == Future.State.FAILED) {
            throw body.exceptionNow();
        }
    }

    /**
     * Waits for a test to end. An interrupt, which is how a timeout arrives, is handed on to it.
     *
     * @return whether there was one
     */
    private static boolean awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
                thread.interrupt();
            }
        }
    }
}

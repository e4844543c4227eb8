package io.bobbinet.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Look-ups that take their time, which the real ones do not do on demand. */
@Timeout(30)
class SystemResolverTest {
    private final SystemResolver resolver = new SystemResolver();
    private final CountDownLatch answer = new CountDownLatch(1);

    @AfterEach
    void release() {
        answer.countDown();
    }

    private String stuck() throws InterruptedException {
        answer.await();
        return "answer";
    }

    /** Waits until a thread waits for an answer. */
    private static void awaitAsking(Thread thread) {
        while (!(LockSupport.getBlocker(thread) instanceof WaitPoint)) {
            Thread.yield();
        }
    }

    @Test
    void aCancelledCallReturnsAndLeavesTheLookUpToItself() throws Exception {
        var scope = CancelScope.create();
        FutureTask<Boolean> call = new FutureTask<>(() -> scope.run(() -> resolver.lookUp(this::stuck)));
        Thread caller = Thread.ofVirtual().start(call);
        awaitAsking(caller);
        scope.cancel();
        assertThat(call.get()).isFalse();
        assertThat(resolver.lookUp(() -> "another")).isEqualTo("another");
    }

    @Test
    void anInterruptedCallReturnsWithTheStatusSet() throws Exception {
        FutureTask<Boolean> call = new FutureTask<>(() -> {
            assertThatThrownBy(() -> resolver.lookUp(this::stuck)).isExactlyInstanceOf(InterruptedIOException.class);
            return Thread.interrupted();
        });
        Thread caller = Thread.ofPlatform().daemon().start(call);
        awaitAsking(caller);
        caller.interrupt();
        assertThat(call.get()).isTrue();
    }

    @Test
    void aCallCancelledBeforeItsTurnNeverBegins() throws Exception {
        for (int i = 0; i < SystemResolver.MOST_THREADS; i++) {
            awaitAsking(Thread.ofVirtual().start(() -> {
                try {
                    resolver.lookUp(this::stuck);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        var begun = new AtomicBoolean();
        var scope = CancelScope.create();
        FutureTask<Boolean> call = new FutureTask<>(() -> scope.run(() -> resolver.lookUp(() -> {
            begun.set(true);
            return "answer";
        })));
        Thread caller = Thread.ofVirtual().start(call);
        awaitAsking(caller);
        assertThat(begun).isFalse();
        scope.cancel();
        assertThat(call.get()).isFalse();
        answer.countDown();
        assertThat(resolver.lookUp(() -> "the last")).isEqualTo("the last");
        assertThat(begun).isFalse();
    }

    @Test
    void whatFailsOnItsThreadFailsOnTheCallers() {
        assertThatThrownBy(() -> resolver.lookUp(() -> {
                    throw new UnknownHostException("some.host: Name or service not known");
                }))
                .isExactlyInstanceOf(UnknownHostException.class)
                .hasMessage("some.host: Name or service not known")
                .hasCauseExactlyInstanceOf(UnknownHostException.class);
    }
}

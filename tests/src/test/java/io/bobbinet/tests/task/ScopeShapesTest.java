package io.bobbinet.tests.task;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.StartedTask;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That scopes and groups can be written down as one would: what matters here is what the methods declare to throw. */
@Timeout(30)
class ScopeShapesTest {
    private static final CountDownLatch OPEN = new CountDownLatch(0);

    private static int receive() throws IOException {
        return 42;
    }

    private static int receive(int max) throws IOException {
        return Math.min(max, receive());
    }

    private static void send(int value) throws IOException {
        assertThat(value).isEqualTo(42);
    }

    private static int compute() {
        return 42;
    }

    private static void poke() {}

    // -- methods that throw nothing checked

    private static boolean quietly() {
        boolean moved = CancelScope.moveOnAfter(ofSeconds(5)).run(() -> poke());
        boolean created = CancelScope.create().run(ScopeShapesTest::poke);
        Optional<Integer> value = CancelScope.shielded()
                .call(() -> CancelScope.moveOnAfter(ofSeconds(5))
                        .call(() -> compute())
                        .orElse(0));
        return moved && created && value.orElseThrow() == 42;
    }

    // -- methods that throw IOException alone

    private static int failing() throws IOException {
        var value = CancelScope.failAfter(ofSeconds(5)).call(() -> receive());
        int same = CancelScope.failAfter(ofSeconds(5)).call(ScopeShapesTest::receive);
        CancelScope.failAfter(ofSeconds(5)).run(() -> send(value));
        CancelScope.failAfter(ofSeconds(5)).run(() -> poke());
        return value + same - 42;
    }

    private static int nested() throws IOException {
        return CancelScope.failAfter(ofSeconds(5))
                .call(() -> CancelScope.failAfter(ofSeconds(4))
                        .call(() -> CancelScope.failAfter(ofSeconds(3)).call(() -> receive())));
    }

    private static boolean mixed() throws IOException {
        return CancelScope.moveOnAfter(ofSeconds(5)).run(() -> {
            int value = CancelScope.failAfter(ofSeconds(4)).call(() -> receive(1_000));
            CancelScope.shielded().run(() -> CancelScope.failAfter(ofSeconds(3)).run(() -> send(value)));
            TaskGroup.run(group -> group.fork(() -> send(value)));
        });
    }

    private static void groups() throws IOException {
        TaskGroup.run(group -> {
            group.fork(() -> send(42));
            group.fork(() -> receive());
            group.fork(() -> OPEN.await());
            group.fork(() -> {
                send(receive());
                OPEN.await();
                return "a value";
            });
            group.fork("named", () -> send(42));
            group.fork(() -> CancelScope.failAfter(ofSeconds(5)).run(() -> send(42)));
            group.fork(() -> {
                while (true) {
                    if (receive() == 42) {
                        throw new AssertionFreeStop();
                    }
                }
            });
        });
    }

    private static int groupsWithValues() throws IOException {
        return TaskGroup.call(group -> {
            StartedTask<Integer> server = group.start(ready -> {
                ready.ready(42);
                OPEN.await();
            });
            Task<Integer> half = group.fork(() -> receive() / 2);
            return server.value() - half.join() + TaskGroup.<Integer, IOException>call(inner -> 21);
        });
    }

    private static void cleanUp() throws IOException {
        try {
            send(42);
        } finally {
            CancelScope.shielded(ofSeconds(1)).run(() -> send(42));
        }
    }

    // -- a method that throws InterruptedException alone, around a call of the JDK

    private static String take(BlockingQueue<String> queue) throws InterruptedException {
        return CancelScope.moveOnAfter(ofSeconds(5)).call(queue::take).orElse("nothing");
    }

    private static String takeOr(BlockingQueue<String> queue) throws IOException {
        try {
            return CancelScope.failAfter(ofSeconds(5)).call(() -> queue.take());
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (Exception e) { // the JDK's InterruptedException and our IOException have no other in common
            throw new IOException(e);
        }
    }

    private static final class AssertionFreeStop extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void scopesCanBeWrittenDownWithoutThrowsException() throws IOException {
        assertThat(quietly()).isTrue();
        assertThat(failing()).isEqualTo(42);
        assertThat(nested()).isEqualTo(42);
        assertThat(mixed()).isTrue();
        cleanUp();
    }

    @Test
    void groupsCanBeWrittenDownWithoutThrowsException() throws IOException {
        try {
            groups();
        } catch (AssertionFreeStop e) {
            assertThat(e).hasNoCause();
        }
        assertThat(groupsWithValues()).isEqualTo(42);
    }

    @Test
    void jdkCallsCanBeWrittenDownToo() throws Exception {
        var queue = new LinkedBlockingQueue<>(List.of("first", "second"));
        assertThat(take(queue)).isEqualTo("first");
        assertThat(takeOr(queue)).isEqualTo("second");
    }
}

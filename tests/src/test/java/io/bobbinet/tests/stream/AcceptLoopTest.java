package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.ServeTesting.ask;
import static io.bobbinet.tests.stream.ServeTesting.tooManyOpenFiles;
import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryListener;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Serving in a group of the user's, and the loop over accepts. */
@Timeout(30)
class AcceptLoopTest {
    private final MemoryListener listener = MemoryListener.open();

    // -- in a group of the user's

    @Test
    @Tag("smoke")
    void handlersOfAGivenGroupOutliveACancelledServing() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo, group));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "before")).isEqualTo("before");
            serve.cancel();
            serve.await();
            assertThat(ask(client, "after")).isEqualTo("after");
            client.close();
        });
        listener.close();
    }

    @Test
    void aHandlerThatFailsCancelsTheGivenGroup() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    group.fork(() -> listener.serve(
                            stream -> {
                                throw new IOException("as told");
                            },
                            group));
                    listener.connector().connect();
                    CancelScope.sleep(ofSeconds(1000));
                }))
                .withMessage("as told");
    }

    @Test
    void drainingWaitsForTheHandlersOfAGivenGroupButNotForOtherTasks() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Void> other = group.fork(() -> CancelScope.sleep(ofSeconds(1000)));
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo, group));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "x")).isEqualTo("x");
            listener.drain(ofSeconds(5));
            assertThat(ask(client, "y")).isEqualTo("y");
            time.advance(ofSeconds(5));
            serve.join();
            fails(EndOfStreamException.class, client::receive);
            assertThat(other.status()).isEqualTo(Task.Status.PENDING);
            other.cancel();
        }));
    }

    @Test
    void drainingAfterACancelledServingStillBoundsItsHandlers() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo, group));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "x")).isEqualTo("x");
            serve.cancel();
            serve.await();
            listener.drain(ofSeconds(5));
            assertThat(ask(client, "y")).isEqualTo("y");
            time.advance(ofSeconds(5));
            fails(EndOfStreamException.class, client::receive);
        }));
    }

    @Test
    void closingCancelsTheHandlersOfAGivenGroupButNotTheGroup() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(
                    () -> fails(ClosedResourceException.class, () -> listener.serve(ServeTesting::echo, group)));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "x")).isEqualTo("x");
            listener.close();
            serve.join();
            fails(EndOfStreamException.class, client::receive);
            CancelScope.checkpoint();
        });
    }

    @Test
    void aConnectionThatComesWhileTheGroupIsCancelledIsClosedAndNoFailure() throws IOException {
        for (int round = 0; round < 100; round++) {
            MemoryListener fresh = MemoryListener.open();
            TaskGroup.run(group -> {
                Task<Void> serve = group.fork(() -> fresh.serve(ServeTesting::echo, group));
                Blocked.await(serve);
                ByteStream client = fresh.connector().connect();
                group.cancel();
                fails(CancelledException.class, client::receive);
            });
            fresh.close();
        }
    }

    // -- the loop over accepts

    @Test
    @Tag("smoke")
    void theLoopOverAcceptsEndsWhenTheListenerIsClosed() throws IOException {
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        TaskGroup.run(group -> {
            Task<Void> loop = group.fork(() -> listener.forEach(stream -> heard.add(text(stream.receive()))));
            listener.connector().connect().send(bytes("one"));
            listener.connector().connect().send(bytes("two"));
            while (heard.size() < 2 || loop.waitsAt().isEmpty()) {
                Thread.yield();
            }
            listener.close();
            loop.join();
        });
        assertThat(heard).containsExactly("one", "two");
    }

    @Test
    void theLoopOverAcceptsEndsWhenItsBodyClosesTheListener() throws IOException {
        listener.connector().connect();
        listener.connector().connect();
        List<ByteStream> accepted = new ArrayList<>();
        listener.forEach(stream -> {
            accepted.add(stream);
            listener.close();
        });
        assertThat(accepted).hasSize(1);
    }

    @Test
    void whateverItsBodyThrowsLeavesTheLoop() throws IOException {
        listener.connector().connect();
        listener.connector().connect();
        listener.connector().connect();
        fails(
                ClosedResourceException.class,
                () -> listener.forEach(stream -> {
                    throw new ClosedResourceException("of the body");
                }));
        fails(
                EndOfStreamException.class,
                () -> listener.forEach(stream -> {
                    throw new EndOfStreamException("of the body");
                }));
        assertThat(listener.pending()).isEqualTo(1);
    }

    @Test
    void theLoopOverAcceptsFailsWithAnAccept() {
        listener.failNextAccepts(tooManyOpenFiles());
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> listener.forEach(stream -> {}))
                .withMessage("Too many open files");
    }

    @Test
    void aCancelledAcceptLosesNoConnection() throws IOException {
        for (int round = 0; round < 200; round++) {
            MemoryListener fresh = MemoryListener.open();
            TaskGroup.run(group -> {
                Task<ByteStream> accept = group.fork(fresh::accept);
                Blocked.await(accept);
                Task<Void> cancel = group.fork(() -> accept.cancel());
                fresh.connector().connect();
                cancel.join();
                accept.await();
                boolean taken = accept.status() == Task.Status.FINISHED;
                assertThat(fresh.pending()).isEqualTo(taken ? 0 : 1);
            });
        }
    }
}

package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.ServeTesting.ask;
import static io.bobbinet.tests.stream.ServeTesting.echo;
import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryListener;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How serving ends: by a drain, which waits for handlers, or by a close, which does not. */
@Timeout(30)
class ServeEndTest {
    private final MemoryListener listener = MemoryListener.open();

    // -- drain

    @Test
    @Tag("smoke")
    void drainingLetsTheHandlersEnd() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "before")).isEqualTo("before");
            listener.drain(ofSeconds(10));
            fails(IOException.class, () -> listener.connector().connect());
            assertThat(ask(client, "after")).isEqualTo("after");
            assertThat(serve.status()).isEqualTo(Task.Status.PENDING);
            client.close();
            serve.join();
        });
    }

    @Test
    @Tag("smoke")
    void afterTheGraceTheHandlersAreCancelled() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            var reports = new ConcurrentLinkedQueue<Throwable>();
            Task<Void> serve = group.fork(() -> listener.serve(
                    ServeTesting::echo,
                    ServeOptions.defaults().withFailureReporter((connection, failure) -> reports.add(failure))));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "x")).isEqualTo("x");
            listener.drain(ofSeconds(5));
            time.advance(ofSeconds(5).minusNanos(1));
            assertThat(ask(client, "y")).isEqualTo("y");
            time.advance(Duration.ofNanos(1));
            serve.join();
            fails(EndOfStreamException.class, client::receive);
            assertThat(reports).isEmpty();
        }));
    }

    @Test
    void aHandlerMayDrain() throws IOException {
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(stream -> {
                stream.receive();
                listener.drain(ofSeconds(10));
                stream.send(bytes("draining"));
            }));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "stop")).isEqualTo("draining");
        });
        fails(IOException.class, () -> listener.connector().connect());
    }

    @Test
    void aSecondDrainCanOnlyShortenTheGrace() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "x")).isEqualTo("x");
            listener.drain(ofSeconds(60));
            listener.drain(ofSeconds(5));
            listener.drain(ofSeconds(100));
            time.advance(ofSeconds(4));
            assertThat(ask(client, "y")).isEqualTo("y");
            time.advance(ofSeconds(1));
            serve.join();
        }));
    }

    @Test
    void withoutGraceTheHandlersAreCancelledAtOnce() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "x")).isEqualTo("x");
            listener.drain(Duration.ZERO);
            serve.join();
            fails(EndOfStreamException.class, client::receive);
        });
    }

    @Test
    void servingADrainedListenerReturnsAtOnce() throws IOException {
        listener.drain(ofSeconds(1));
        listener.serve(ServeTesting::echo);
    }

    @Test
    void handlersMayBlockInTheJdkWhenTheGraceEnds() throws Exception {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            var reports = new ConcurrentLinkedQueue<Throwable>();
            var begun = new CountDownLatch(1);
            Task<Void> serve = group.fork(() -> listener.serve(
                    stream -> {
                        begun.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            throw new InterruptedIOException("as many libraries do");
                        }
                    },
                    ServeOptions.defaults().withFailureReporter((connection, failure) -> reports.add(failure))));
            listener.connector().connect();
            begun.await();
            listener.drain(ofSeconds(1));
            time.advance(ofSeconds(1));
            serve.join();
            assertThat(reports).isEmpty();
        }));
    }

    // -- close

    @Test
    @Tag("smoke")
    void closingCancelsTheHandlersAndTheServingFailsAfterThem() throws IOException {
        var ended = new ConcurrentLinkedQueue<String>();
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> {
                fails(
                        ClosedResourceException.class,
                        () -> listener.serve(stream -> {
                            try {
                                echo(stream);
                            } catch (CancelledException e) {
                                ended.add("handler");
                                throw e;
                            }
                        }));
                ended.add("serve");
            });
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "x")).isEqualTo("x");
            listener.close();
            serve.join();
            fails(EndOfStreamException.class, client::receive);
        });
        assertThat(ended).containsExactly("handler", "serve");
    }

    @Test
    void aHandlerMayCloseAndIsCancelledTooThen() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> fails(
                    ClosedResourceException.class,
                    () -> listener.serve(stream -> {
                        listener.close();
                        fails(CancelledException.class, stream::receive);
                    })));
            listener.connector().connect();
            serve.join();
        });
    }

    @Test
    void servingAClosedListenerFailsAtOnce() {
        listener.close();
        fails(ClosedResourceException.class, () -> listener.serve(ServeTesting::echo));
        fails(ClosedResourceException.class, listener::accept);
    }

    @Test
    void cancellingTheServingCancelsItsHandlersAndLeavesTheListenerOpen() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "x")).isEqualTo("x");
            serve.cancel();
            serve.await();
            assertThat(serve.status()).isEqualTo(Task.Status.CANCELLED);
            fails(EndOfStreamException.class, client::receive);

            group.fork(() -> listener.serve(ServeTesting::echo));
            assertThat(ask(listener.connector().connect(), "again")).isEqualTo("again");
            listener.drain(Duration.ZERO);
        });
    }

    @Test
    void aUsersInterruptEndsTheServingAndItsHandlers() throws Exception {
        var serving = new FutureTask<Boolean>(() -> {
            fails(InterruptedIOException.class, () -> listener.serve(ServeTesting::echo));
            return Thread.interrupted();
        });
        Thread server = Thread.ofVirtual().start(serving);
        ByteStream client = listener.connector().connect();
        assertThat(ask(client, "x")).isEqualTo("x");
        Blocked.await(server);
        server.interrupt();

        assertThat(serving.get()).isTrue();
        fails(EndOfStreamException.class, client::receive);
    }

    @Test
    void aSecondServingIsBusyAndDisturbsNobody() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo));
            Blocked.await(serve);
            fails(BusyResourceException.class, () -> listener.serve(ServeTesting::echo));
            assertThat(ask(listener.connector().connect(), "x")).isEqualTo("x");
            serve.cancel();
            serve.await();
            Task<Void> next = group.fork(() -> listener.serve(ServeTesting::echo));
            Blocked.await(next);
            next.cancel();
        });
    }
}

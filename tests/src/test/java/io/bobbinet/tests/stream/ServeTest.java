package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.ServeTesting.ask;
import static io.bobbinet.tests.stream.ServeTesting.echoUnless;
import static io.bobbinet.tests.stream.ServeTesting.tooManyOpenFiles;
import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryListener;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What serving does for handlers, how many it runs, and what it does without descriptors. */
@Timeout(30)
class ServeTest {
    private final MemoryListener listener = MemoryListener.open();

    // -- handlers

    @Test
    @Tag("smoke")
    void eachConnectionHasATaskOfItsOwn() throws IOException {
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(ServeTesting::echo));
            List<ByteStream> clients = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                clients.add(listener.connector().connect());
            }
            for (ByteStream client : clients.reversed()) {
                assertThat(ask(client, "hello")).isEqualTo("hello");
                client.close();
            }
            listener.drain(ofSeconds(10));
        });
    }

    @Test
    void theConnectionIsClosedAfterItsHandler() throws IOException {
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(stream -> stream.send(bytes("bye"))));
            ByteStream client = listener.connector().connect();
            assertThat(text(client.receive())).isEqualTo("bye");
            fails(EndOfStreamException.class, client::receive);
            listener.drain(ofSeconds(10));
        });
    }

    @Test
    @Tag("smoke")
    void aHandlerThatFailsIsReportedAndConcernsNoOther() throws Exception {
        var reports = new LinkedBlockingQueue<Throwable>();
        ServeOptions options =
                ServeOptions.defaults().withFailureReporter((connection, failure) -> reports.add(failure));
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(
                    stream -> {
                        echoUnless("fail", stream, new Exception("as told"));
                    },
                    options));
            ByteStream good = listener.connector().connect();
            assertThat(ask(good, "go on")).isEqualTo("go on");
            ByteStream bad = listener.connector().connect();
            bad.send(bytes("fail"));
            assertThat(reports.take()).hasMessage("as told");
            fails(EndOfStreamException.class, bad::receive);
            assertThat(ask(good, "hello")).isEqualTo("hello");
            good.close();
            listener.drain(ofSeconds(10));
        });
        assertThat(reports).isEmpty();
    }

    @Test
    void theReporterIsToldWhichConnectionAndItIsClosedByThen() throws Exception {
        var seen = new LinkedBlockingQueue<ByteStream>();
        var reports = new LinkedBlockingQueue<Object>();
        ServeOptions options = ServeOptions.defaults().withFailureReporter((connection, failure) -> {
            fails(ClosedResourceException.class, () -> ((ByteStream) connection).receive());
            reports.add(connection);
        });
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(
                    stream -> {
                        seen.add(stream);
                        throw new IllegalStateException("as planned");
                    },
                    options));
            listener.connector().connect();
            assertThat(reports.take()).isSameAs(seen.take());
            listener.drain(ofSeconds(10));
        });
    }

    @Test
    void aReporterThatFailsConcernsNoHandler() throws IOException {
        ServeOptions options = ServeOptions.defaults().withFailureReporter((connection, failure) -> {
            throw (RuntimeException) failure;
        });
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(
                    stream -> {
                        echoUnless("fail", stream, new IllegalStateException("reported by throwing it again"));
                    },
                    options));
            ByteStream good = listener.connector().connect();
            ByteStream bad = listener.connector().connect();
            bad.send(bytes("fail"));
            fails(EndOfStreamException.class, bad::receive);
            assertThat(ask(good, "hello")).isEqualTo("hello");
            good.close();
            listener.drain(ofSeconds(10));
        });
    }

    @Test
    void aCancelThatNobodyAskedForIsAFailure() throws Exception {
        var reports = new LinkedBlockingQueue<Throwable>();
        ServeOptions options =
                ServeOptions.defaults().withFailureReporter((connection, failure) -> reports.add(failure));
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(
                    stream -> {
                        throw new InterruptedException("not by us");
                    },
                    options));
            listener.connector().connect();
            assertThat(reports.take()).isInstanceOf(InterruptedException.class);
            listener.drain(ofSeconds(10));
        });
    }

    // -- limit

    @Test
    @Tag("smoke")
    void beyondTheLimitConnectionsWaitToBeAccepted() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() ->
                    listener.serve(ServeTesting::echo, ServeOptions.defaults().withMaxConnections(2)));
            ByteStream first = listener.connector().connect();
            ByteStream second = listener.connector().connect();
            assertThat(ask(first, "1")).isEqualTo("1");
            assertThat(ask(second, "2")).isEqualTo("2");
            ByteStream third = listener.connector().connect();
            Blocked.await(serve);
            assertThat(listener.pending()).isEqualTo(1);

            first.close();
            assertThat(ask(third, "3")).isEqualTo("3");
            assertThat(ask(second, "2")).isEqualTo("2");
            second.close();
            third.close();
            listener.drain(ofSeconds(10));
        });
    }

    @Test
    void drainingAtTheLimitAcceptsNoMore() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() ->
                    listener.serve(ServeTesting::echo, ServeOptions.defaults().withMaxConnections(1)));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "1")).isEqualTo("1");
            Blocked.await(serve);
            listener.drain(ofSeconds(10));
            assertThat(ask(client, "2")).isEqualTo("2");
            client.close();
            serve.join();
        });
    }

    @Test
    void closingAtTheLimitEndsTheServing() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> fails(
                    ClosedResourceException.class,
                    () -> listener.serve(
                            ServeTesting::echo, ServeOptions.defaults().withMaxConnections(1))));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "1")).isEqualTo("1");
            Blocked.await(serve);
            listener.close();
        });
    }

    // -- lack of descriptors

    @Test
    @Tag("smoke")
    void whenAcceptingFailsItPausesLongerAndLongerAndGoesOn() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            listener.failNextAccepts(tooManyOpenFiles(), tooManyOpenFiles(), tooManyOpenFiles());
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo));
            ByteStream client = listener.connector().connect();
            for (int pause : new int[] {10, 20, 40}) {
                awaitTimer(time);
                time.advance(ofMillis(pause).minusNanos(1));
                assertThat(time.pending()).isEqualTo(1);
                assertThat(serve.status()).isEqualTo(Task.Status.PENDING);
                assertThat(listener.pending()).isEqualTo(1);
                time.advance(Duration.ofNanos(1));
            }
            assertThat(ask(client, "hello")).isEqualTo("hello");
            client.close();
            listener.drain(ofSeconds(10));
        }));
    }

    @Test
    void noPauseIsLongerThanASecondAndOneSuccessMakesThemShortAgain() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            IOException[] many = new IOException[12];
            for (int i = 0; i < many.length; i++) {
                many[i] = tooManyOpenFiles();
            }
            listener.failNextAccepts(many);
            group.fork(() -> listener.serve(ServeTesting::echo));
            // 10, 20, 40, ... 640, then 1,000 each: 1,270 + 5,000
            for (int i = 0; i < many.length; i++) {
                awaitTimer(time);
                time.advance(ofMillis(Math.min(1000, 10L << i)));
            }
            assertThat(time.elapsed()).isEqualTo(ofMillis(6270));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "hello")).isEqualTo("hello");

            listener.failNextAccepts(tooManyOpenFiles());
            ByteStream another = listener.connector().connect(); // taken by the accept that waits already
            ByteStream last = listener.connector().connect();
            awaitTimer(time);
            time.advance(ofMillis(10));
            assertThat(ask(last, "hello")).isEqualTo("hello");
            client.close();
            another.close();
            last.close();
            listener.drain(ofSeconds(10));
        }));
    }

    private static void awaitTimer(VirtualTime time) {
        while (time.pending() == 0) {
            Thread.yield();
        }
    }

    @Test
    void drainingInAPauseReturnsAtOnce() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            listener.failNextAccepts(tooManyOpenFiles());
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo));
            awaitTimer(time);
            listener.drain(ofSeconds(10));
            serve.join();
            assertThat(time.elapsed()).isZero();
        }));
    }

    @Test
    void closingInAPauseEndsTheServingAtOnce() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            listener.failNextAccepts(tooManyOpenFiles());
            Task<Void> serve =
                    group.fork(() -> fails(ClosedResourceException.class, () -> listener.serve(ServeTesting::echo)));
            awaitTimer(time);
            listener.close();
            serve.join();
        }));
    }

    @Test
    void cancellingInAPauseEndsTheServing() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            listener.failNextAccepts(tooManyOpenFiles());
            Task<Void> serve = group.fork(() -> listener.serve(ServeTesting::echo));
            awaitTimer(time);
            serve.cancel();
            serve.await();
            assertThat(serve.status()).isEqualTo(Task.Status.CANCELLED);
        }));
        listener.close();
    }
}

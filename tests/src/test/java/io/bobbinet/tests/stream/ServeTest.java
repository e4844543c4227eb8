package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryListener;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ServeTest {
    private final MemoryListener listener = MemoryListener.open();

    private static void echo(ByteStream stream) throws IOException {
        stream.forEach(stream::send);
    }

    private static void echoUnless(String word, ByteStream stream, Exception failure) throws Exception {
        byte[] received = stream.receive();
        if (text(received).equals(word)) {
            throw failure;
        }
        stream.send(received);
        echo(stream);
    }

    private static String ask(ByteStream client, String question) throws IOException {
        client.send(bytes(question));
        return text(client.receive());
    }

    private static IOException tooManyOpenFiles() {
        return new IOException("Too many open files");
    }

    // -- handlers

    @Test
    @Tag("smoke")
    void eachConnectionHasATaskOfItsOwn() throws IOException {
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(ServeTest::echo));
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
                    listener.serve(ServeTest::echo, ServeOptions.defaults().withMaxConnections(2)));
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
                    listener.serve(ServeTest::echo, ServeOptions.defaults().withMaxConnections(1)));
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
                            ServeTest::echo, ServeOptions.defaults().withMaxConnections(1))));
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
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo));
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
            group.fork(() -> listener.serve(ServeTest::echo));
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
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo));
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
                    group.fork(() -> fails(ClosedResourceException.class, () -> listener.serve(ServeTest::echo)));
            awaitTimer(time);
            listener.close();
            serve.join();
        }));
    }

    @Test
    void cancellingInAPauseEndsTheServing() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            listener.failNextAccepts(tooManyOpenFiles());
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo));
            awaitTimer(time);
            serve.cancel();
            serve.await();
            assertThat(serve.status()).isEqualTo(Task.Status.CANCELLED);
        }));
        listener.close();
    }

    // -- drain

    @Test
    @Tag("smoke")
    void drainingLetsTheHandlersEnd() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo));
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
                    ServeTest::echo,
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
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo));
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
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo));
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
        listener.serve(ServeTest::echo);
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
        fails(ClosedResourceException.class, () -> listener.serve(ServeTest::echo));
        fails(ClosedResourceException.class, listener::accept);
    }

    @Test
    void cancellingTheServingCancelsItsHandlersAndLeavesTheListenerOpen() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo));
            ByteStream client = listener.connector().connect();
            assertThat(ask(client, "x")).isEqualTo("x");
            serve.cancel();
            serve.await();
            assertThat(serve.status()).isEqualTo(Task.Status.CANCELLED);
            fails(EndOfStreamException.class, client::receive);

            group.fork(() -> listener.serve(ServeTest::echo));
            assertThat(ask(listener.connector().connect(), "again")).isEqualTo("again");
            listener.drain(Duration.ZERO);
        });
    }

    @Test
    void aUsersInterruptEndsTheServingAndItsHandlers() throws Exception {
        var serving = new FutureTask<Boolean>(() -> {
            fails(InterruptedIOException.class, () -> listener.serve(ServeTest::echo));
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
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo));
            Blocked.await(serve);
            fails(BusyResourceException.class, () -> listener.serve(ServeTest::echo));
            assertThat(ask(listener.connector().connect(), "x")).isEqualTo("x");
            serve.cancel();
            serve.await();
            Task<Void> next = group.fork(() -> listener.serve(ServeTest::echo));
            Blocked.await(next);
            next.cancel();
        });
    }

    // -- in a group of the user's

    @Test
    @Tag("smoke")
    void handlersOfAGivenGroupOutliveACancelledServing() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo, group));
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
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo, group));
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
            Task<Void> serve = group.fork(() -> listener.serve(ServeTest::echo, group));
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
                    () -> fails(ClosedResourceException.class, () -> listener.serve(ServeTest::echo, group)));
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
                Task<Void> serve = group.fork(() -> fresh.serve(ServeTest::echo, group));
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

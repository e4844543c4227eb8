package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What serving does for the handlers of datagrams, and how many it runs. */
@OnEachBackend
@DisplayName("UdpServeTest")
@Timeout(30)
class UdpServeTest extends UdpPair {

    private void echo(Datagram<InetSocketAddress> datagram) throws IOException {
        ours.send(datagram.reply(datagram.data()));
    }

    private String ask(String question) throws IOException {
        peer.send(bytes(question), ours.localAddress());
        return text(peer.receive().data());
    }

    // -- handlers

    @Test
    @Tag("smoke")
    void eachDatagramIsAnsweredByATaskOfItsOwn() throws Exception {
        var threads = ConcurrentHashMap.<Thread>newKeySet();
        var meeting = new CountDownLatch(50);
        TaskGroup.run(group -> {
            group.fork(() -> ours.serve(datagram -> {
                threads.add(Thread.currentThread());
                meeting.countDown();
                meeting.await(); // all of them run at the same time
                echo(datagram);
            }));
            for (int i = 0; i < 50; i++) {
                peerSends(Integer.toString(i));
            }
            var answers = ConcurrentHashMap.<String>newKeySet();
            for (int i = 0; i < 50; i++) {
                answers.add(text(peer.receive().data()));
            }
            assertThat(answers).hasSize(50).contains("0", "49");
            ours.drain(ofSeconds(10));
        });
        assertThat(threads).hasSize(50);
    }

    @Test
    @Tag("smoke")
    void aHandlerThatFailsIsReportedWithItsDatagramAndConcernsNoOther() throws Exception {
        var reports = new LinkedBlockingQueue<Throwable>();
        var reported = new LinkedBlockingQueue<Object>();
        ServeOptions options = ServeOptions.defaults().withFailureReporter((served, failure) -> {
            reported.add(served);
            reports.add(failure);
        });
        TaskGroup.run(group -> {
            group.fork(() -> ours.serve(
                    datagram -> {
                        if (text(datagram.data()).equals("fail")) {
                            throw new Exception("as told");
                        }
                        echo(datagram);
                    },
                    options));
            assertThat(ask("before")).isEqualTo("before");
            peerSends("fail");
            assertThat(reports.take()).hasMessage("as told");
            assertThat(reported.take()).isInstanceOfSatisfying(Datagram.class, datagram -> {
                assertThat(text(datagram.data())).isEqualTo("fail");
                assertThat(datagram.peer().orElseThrow()).isEqualTo(peer.localAddress());
            });
            assertThat(ask("after")).isEqualTo("after");
            ours.drain(ofSeconds(10));
        });
        assertThat(reports).isEmpty();
    }

    @Test
    void anErrorOfAHandlerAndOneOfTheReporterAreNoReasonToStop() throws Exception {
        TaskGroup.run(group -> {
            group.fork(() -> ours.serve(
                    datagram -> {
                        if (datagram.data().length == 0) {
                            throw new StackOverflowError("as told");
                        }
                        echo(datagram);
                    },
                    ServeOptions.defaults().withFailureReporter((served, failure) -> {
                        throw new IllegalStateException("the reporter too");
                    })));
            peerSends("");
            assertThat(ask("after")).isEqualTo("after");
            ours.drain(ofSeconds(10));
        });
    }

    @Test
    void emptyDatagramsAreServedAndNoEnd() throws Exception {
        TaskGroup.run(group -> {
            group.fork(() -> ours.serve(this::echo));
            for (int i = 0; i < 3; i++) {
                assertThat(ask("")).isEmpty();
            }
            assertThat(ask("x")).isEqualTo("x");
            ours.drain(ofSeconds(10));
        });
    }

    @Test
    void handlersMaySendToManyAtOnce() throws Exception {
        TaskGroup.run(group -> {
            group.fork(() -> ours.serve(datagram -> {
                for (int i = 0; i < 5; i++) {
                    echo(datagram);
                }
            }));
            for (int i = 0; i < 20; i++) {
                peerSends(Integer.toString(i));
            }
            var counts = new ConcurrentHashMap<String, Integer>();
            for (int i = 0; i < 100; i++) {
                counts.merge(text(peer.receive().data()), 1, Integer::sum);
            }
            assertThat(counts).hasSize(20);
            assertThat(counts.values()).containsOnly(5);
            ours.drain(ofSeconds(10));
        });
    }

    // -- the limit

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final Semaphore permits = new Semaphore(0);

    private void counted(Datagram<InetSocketAddress> datagram) throws Exception {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        permits.acquire();
        running.decrementAndGet();
    }

    private interface Serving {
        void serve() throws IOException;
    }

    /** Sends one datagram more than handlers may run, and sees that it is left to the system until one of them ends. */
    private void assertLimited(int limit, Serving serving) throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(serving::serve);
            for (int i = 1; i <= limit; i++) {
                peerSends("x");
                while (running.get() < i) {
                    Thread.yield(); // the system does not keep hundreds of datagrams
                }
            }
            peerSends("x");
            peerSends("x");
            peerSends("x");
            Blocked.await(serve, "serve");
            assertThat(running.get()).isEqualTo(limit);
            // Nobody receives now, and what comes is the server's all the same.
            assertFails(BusyResourceException.class, ours::receive).hasMessageContaining("serves");
            permits.release(limit + 3);
            while (permits.availablePermits() > 0) {
                Thread.yield();
            }
            ours.drain(ofSeconds(10));
            serve.join();
        });
        assertThat(most.get()).isEqualTo(limit);
    }

    @Test
    @Tag("smoke")
    void asManyHandlersRunAsTheOptionsAllow() throws Exception {
        assertLimited(2, () -> ours.serve(this::counted, ServeOptions.defaults().withMaxConnections(2)));
    }

    @Test
    void withoutALimitThereAre256() throws Exception {
        assertLimited(DatagramTransport.DEFAULT_HANDLERS, () -> ours.serve(this::counted));
    }

    @Test
    void inAGroupThereAre256Too() throws Exception {
        TaskGroup.run(group -> assertLimited(256, () -> ours.serve(this::counted, group)));
    }

    @Test
    void aLimitAbove256IsALimit() throws Exception {
        assertLimited(
                300, () -> ours.serve(this::counted, ServeOptions.defaults().withMaxConnections(300)));
    }

    // -- groups, and others

    @Test
    @Tag("smoke")
    void inAGroupAHandlerThatFailsCancelsTheGroup() throws Exception {
        assertFails(
                        IOException.class,
                        () -> TaskGroup.run(group -> {
                            group.fork(() -> ours.serve(
                                    datagram -> {
                                        if (text(datagram.data()).equals("fail")) {
                                            throw new IOException("as told");
                                        }
                                        echo(datagram);
                                    },
                                    group));
                            assertThat(ask("x")).isEqualTo("x");
                            peerSends("fail");
                            peer.receive(); // nothing comes
                        }))
                .hasMessage("as told");
        assertTalking(); // still open
    }

    @Test
    void inAGroupItReturnsAfterADrain() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::echo, group));
            assertThat(ask("x")).isEqualTo("x");
            ours.drain(ofSeconds(10));
            serve.join();
            assertFails(ClosedResourceException.class, () -> ours.receive());
        });
    }

    @Test
    void aSecondServingIsBusyAndDisturbsNobody() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::echo));
            Blocked.await(serve);
            assertFails(BusyResourceException.class, () -> ours.serve(this::echo));
            assertFails(BusyResourceException.class, () -> ours.serve(this::echo, group));
            assertFails(BusyResourceException.class, () -> ours.receive());
            assertThat(ask("x")).isEqualTo("x");
            serve.cancel();
            serve.await();
            Task<Void> next = group.fork(() -> ours.serve(this::echo));
            assertThat(ask("y")).isEqualTo("y");
            ours.drain(ofSeconds(10));
            next.join();
        });
    }

    @Test
    void theOtherSocketMayServeTheSameHandlersAnswers() throws Exception {
        var seen = new LinkedBlockingQueue<String>();
        TaskGroup.run(group -> {
            group.fork(() -> ours.serve(this::echo));
            group.fork(() -> peer.serve(datagram -> seen.add(text(datagram.data()))));
            peerSends("there and back");
            assertThat(seen.take()).isEqualTo("there and back");
            ours.drain(ofSeconds(10));
            peer.drain(ofSeconds(10));
        });
    }
}

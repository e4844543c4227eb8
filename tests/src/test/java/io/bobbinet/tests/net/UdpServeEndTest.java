package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Udp;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How serving of datagrams ends: by a drain, which waits for handlers, or otherwise, which does not. */
@OnEachBackend
@DisplayName("UdpServeEndTest")
@Timeout(30)
class UdpServeEndTest extends UdpPair {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<String> ended = new ConcurrentLinkedQueue<>();

    /** A handler that answers when it is told to. */
    private void answerLater(Datagram<InetSocketAddress> datagram) throws Exception {
        begun.countDown();
        try {
            mayEnd.await();
            ours.send(datagram.reply(datagram.data()));
            ended.add("answered");
        } catch (InterruptedException e) {
            ended.add("cancelled");
            throw e;
        }
    }

    private static final ServeOptions ONE = ServeOptions.defaults().withMaxConnections(1);

    /** How a serving is begun. */
    private interface Serving {
        void begin() throws IOException;
    }

    private static void awaitEnd(Task<?> serve, Task.Status status) throws IOException {
        serve.await();
        assertThat(serve.status()).isEqualTo(status);
    }

    // -- drain

    @Test
    @Tag("smoke")
    void drainingLetsTheHandlersAnswerAndClosesThen() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::answerLater));
            peerSends("question");
            begun.await();
            ours.drain(ofSeconds(10));
            Blocked.await(serve, "join group"); // it receives no more: the drain and a datagram may meet
            peerSends("too late");
            assertThat(serve.status()).isEqualTo(Task.Status.PENDING);
            mayEnd.countDown();
            assertThat(text(peer.receive().data())).isEqualTo("question");
            serve.join();
            assertFails(ClosedResourceException.class, () -> ours.receive());
            assertFails(ClosedResourceException.class, () -> ours.send(bytes("x"), peer.localAddress()));
        });
        assertThat(ended).containsExactly("answered");
    }

    @Test
    void drainingAtTheLimitReceivesNoMore() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::answerLater, ONE));
            peerSends("question");
            peerSends("left to the system");
            Blocked.await(serve, "serve");
            ours.drain(ofSeconds(10));
            mayEnd.countDown();
            serve.join();
        });
        assertThat(ended).containsExactly("answered");
    }

    @Test
    @Tag("smoke")
    void afterTheGraceTheHandlersAreCancelled() throws Exception {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            var reports = new ConcurrentLinkedQueue<Throwable>();
            Task<Void> serve = group.fork(() -> ours.serve(
                    this::answerLater,
                    ServeOptions.defaults().withFailureReporter((datagram, failure) -> reports.add(failure))));
            peerSends("question");
            begun.await();
            ours.drain(ofSeconds(5));
            time.advance(ofSeconds(5).minusNanos(1));
            assertThat(serve.status()).isEqualTo(Task.Status.PENDING);
            time.advance(Duration.ofNanos(1));
            serve.join();
            assertThat(reports).isEmpty();
            assertFails(ClosedResourceException.class, () -> ours.receive());
        }));
        assertThat(ended).containsExactly("cancelled");
    }

    @Test
    void aSecondDrainCanOnlyShortenTheGrace() throws Exception {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::answerLater));
            peerSends("question");
            begun.await();
            ours.drain(ofSeconds(60));
            ours.drain(ofSeconds(5));
            ours.drain(ofSeconds(100));
            time.advance(ofSeconds(4));
            assertThat(serve.status()).isEqualTo(Task.Status.PENDING);
            time.advance(ofSeconds(1));
            serve.join();
        }));
        assertThat(ended).containsExactly("cancelled");
    }

    @Test
    void aHandlerMayDrainAndStillAnswer() throws Exception {
        TaskGroup.run(group -> {
            group.fork(() -> ours.serve(datagram -> {
                ours.drain(ofSeconds(10));
                ours.send(datagram.reply(bytes("draining")));
            }));
            peerSends("stop");
            assertThat(text(peer.receive().data())).isEqualTo("draining");
        });
        assertFails(ClosedResourceException.class, () -> ours.receive());
    }

    @Test
    void drainingWithoutServingCloses() throws Exception {
        InetSocketAddress address = ours.localAddress();
        ours.drain(ofSeconds(10));
        assertFails(ClosedResourceException.class, () -> ours.receive());
        Udp.binder(address).bind().close();
        ours.drain(ofSeconds(10));
        ours.close();
    }

    @Test
    void aServingThatComesAfterTheDrainReturnsAtOnce() throws Exception {
        ours.drain(ofSeconds(1));
        ours.serve(this::answerLater);
        TaskGroup.run(group -> ours.serve(this::answerLater, group));
    }

    @Test
    void drainingWakesNoReceiverWhoDoesNotServeButClosesUnderHim() throws Exception {
        Thread helper = whenWaiting(() -> ours.drain(ofSeconds(10)));
        ours.forEach(datagram -> {});
        helper.join();
    }

    @Test
    void inAGroupDrainingLetsTheHandlersAnswerToo() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::answerLater, group));
            peerSends("question");
            begun.await();
            ours.drain(ofSeconds(10));
            mayEnd.countDown();
            assertThat(text(peer.receive().data())).isEqualTo("question");
            serve.join();
            assertFails(ClosedResourceException.class, () -> ours.receive());
        });
    }

    // -- close

    @Test
    @Tag("smoke")
    void closingCancelsTheHandlersAndTheServingFailsAfterThem() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> ours.serve(this::answerLater));
                ended.add("serve");
            });
            peerSends("question");
            begun.await();
            Blocked.await(serve);
            ours.close();
            serve.join();
        });
        assertThat(ended).containsExactly("cancelled", "serve");
    }

    @Test
    void closingAtTheLimitEndsTheServing() throws Exception {
        for (Serving serving : new Serving[] {
            () -> ours.serve(this::answerLater, ONE),
            () -> TaskGroup.run(
                    group -> ours.serve(this::answerLater, group)) // not at its limit, but the same must come of it
        }) {
            TaskGroup.run(group -> {
                Task<Void> serve = group.fork(() -> {
                    assertFails(ClosedResourceException.class, serving::begin);
                });
                peerSends("question");
                peerSends("another");
                begun.await();
                Blocked.await(serve);
                ours.close();
                serve.join();
            });
            close();
            open();
        }
        assertThat(ended).containsOnly("cancelled").isNotEmpty();
    }

    @Test
    void aHandlerMayCloseAndIsCancelledTooThen() throws Exception {
        peerSends("close");
        assertFails(
                ClosedResourceException.class,
                () -> ours.serve(datagram -> {
                    ours.close();
                    assertFails(CancelledException.class, () -> {
                        while (true) {
                            CancelScope.checkpoint();
                            Thread.yield();
                        }
                    });
                    ended.add("cancelled");
                }));
        assertThat(ended).containsExactly("cancelled");
    }

    @Test
    void aLoopsBodyMayCloseAndWhatItThrowsLeavesTheLoop() throws Exception {
        peerSends("1");
        peerSends("2");
        ours.forEach(datagram -> ours.close());
        close();
        open();
        peerSends("1");
        assertFails(
                        Exception.class,
                        () -> ours.forEach(datagram -> {
                            throw new Exception(text(datagram.data()));
                        }))
                .hasMessage("1");
        peerSends("2");
        assertFails(
                        ClosedResourceException.class,
                        () -> ours.forEach(datagram -> {
                            throw new ClosedResourceException("of something else");
                        }))
                .hasMessage("of something else");
        assertTalking();
    }

    // -- cancel and interrupt

    @Test
    @Tag("smoke")
    void cancellingTheServingCancelsItsHandlersAndLeavesTheSocketOpen() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::answerLater));
            peerSends("question");
            begun.await();
            Blocked.await(serve, "receive");
            serve.cancel();
            awaitEnd(serve, Task.Status.CANCELLED);
            assertThat(ended).containsExactly("cancelled");
            assertTalking();
        });
    }

    @Test
    void cancellingAtTheLimitLosesNoDatagram() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::answerLater, ONE));
            peerSends("question");
            peerSends("next");
            Blocked.await(serve, "serve");
            serve.cancel();
            awaitEnd(serve, Task.Status.CANCELLED);
            assertThat(ended).containsExactly("cancelled");
            assertNext("next");
            assertTalking();
        });
    }

    @Test
    void aDeadlineEndsTheServing() throws Exception {
        VirtualTime.run(time -> {
            Thread helper = whenWaiting(() -> time.advance(ofSeconds(3)));
            assertThat(CancelScope.moveOnAfter(ofSeconds(3)).run(() -> ours.serve(this::answerLater)))
                    .isFalse();
            helper.join();
        });
        assertTalking();
    }

    @Test
    void aUsersInterruptEndsTheServingAndItsHandlers() throws Exception {
        var serving = new FutureTask<Boolean>(() -> {
            assertFails(InterruptedIOException.class, () -> ours.serve(this::answerLater));
            return Thread.interrupted();
        });
        Thread server = Thread.ofVirtual().start(serving);
        peerSends("question");
        begun.await();
        Blocked.await(server);
        server.interrupt();
        assertThat(serving.get()).isTrue();
        assertThat(ended).containsExactly("cancelled");
        assertTalking();
    }

    @Test
    void inAGroupHandlersOutliveACallThatIsCancelledAlone() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::answerLater, group));
            peerSends("question");
            begun.await();
            serve.cancel();
            awaitEnd(serve, Task.Status.CANCELLED);
            mayEnd.countDown();
            assertThat(text(peer.receive().data())).isEqualTo("question");
        });
        assertThat(ended).containsExactly("answered");
        assertTalking();
    }

    @Test
    void inAGroupADrainBoundsHandlersThatOutlivedTheirCall() throws Exception {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> ours.serve(this::answerLater, group));
            peerSends("question");
            begun.await();
            serve.cancel();
            awaitEnd(serve, Task.Status.CANCELLED);
            ours.drain(ofSeconds(5));
            time.advance(ofSeconds(5));
        }));
        assertThat(ended).containsExactly("cancelled");
    }

    // -- what the network tells

    @Test
    void aPeerThatIsGoneEndsNoServing() throws Exception {
        try (ConnectedUdpSocket connected = Udp.connector(peer.localAddress()).connect()) {
            TaskGroup.run(group -> {
                var failures = new ConcurrentLinkedQueue<Throwable>();
                group.fork(() -> connected.serve(
                        datagram -> connected.send(datagram.reply(datagram.data())),
                        ServeOptions.defaults().withFailureReporter((datagram, failure) -> failures.add(failure))));
                InetSocketAddress address = peer.localAddress();
                peer.send(bytes("x"), connected.localAddress());
                assertThat(text(peer.receive().data())).isEqualTo("x");
                peer.close();
                connected.send(bytes("to nobody")); // the answer of the system is told to the serving
                peer = Udp.binder(address).bind();
                peer.send(bytes("y"), connected.localAddress());
                assertThat(text(peer.receive().data())).isEqualTo("y");
                connected.drain(ofSeconds(10));
                assertThat(failures).isEmpty();
            });
        }
    }
}

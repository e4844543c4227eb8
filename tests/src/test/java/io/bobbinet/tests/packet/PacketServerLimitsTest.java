package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketHandler;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.Serving;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server grants its clients: a time to send, a time to read, and a number. */
@OnEachBackend
@DisplayName("PacketServerLimitsTest")
@Timeout(30)
class PacketServerLimitsTest extends PacketServing {
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Thread> handlers = new LinkedBlockingQueue<>();

    private interface TimedScenario {
        void run(Session session, VirtualTime time) throws Exception;
    }

    /** Serves in memory with an idle timeout of 10 seconds. */
    private void serveIdle(PacketHandler<String, String> handler, TimedScenario scenario) throws Exception {
        VirtualTime.<Exception>run(time -> serve(
                ServerKind.MEMORY,
                options.withIdleTimeout(ofSeconds(10)),
                handler,
                session -> scenario.run(session, time)));
    }

    /** Waits until a handler waits in a receive with a time limit, or without. */
    private void awaitHandler(VirtualTime time, int timers) throws InterruptedException {
        Blocked.await(handlers.take());
        until(() -> time.pending() >= timers);
    }

    // -- idle clients

    @Test
    @Tag("smoke")
    void aClientThatSendsNothingIsClosedAndReportedOnce() throws Exception {
        serveIdle(
                client -> {
                    handlers.add(Thread.currentThread());
                    echo(client);
                },
                (session, time) -> {
                    PacketClient<String, String> client = session.connect();
                    awaitHandler(time, 1);
                    time.advance(ofSeconds(9));
                    assertThat(ask(client, "still here")).isEqualTo("still here");
                    until(() -> time.pending() >= 1);
                    time.advance(ofSeconds(9));
                    assertThat(reports).isEmpty();
                    time.advance(ofSeconds(1));
                    assertThat(reports.take()).isExactlyInstanceOf(TimedOutException.class);
                    assertThatThrownBy(client::receive).isExactlyInstanceOf(EndOfStreamException.class);
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void aHandlerMayGoOnAfterTheIdleTimeoutAndNothingIsLost() throws Exception {
        serveIdle(
                client -> {
                    handlers.add(Thread.currentThread());
                    try {
                        client.receive();
                    } catch (TimedOutException e) {
                        client.send("are you there?");
                    }
                    echo(client);
                },
                (session, time) -> {
                    ByteStream client = session.connectRaw();
                    Session.send(client, "a slo");
                    awaitHandler(time, 1);
                    time.advance(ofSeconds(10));
                    assertThat(new String(client.receive(), UTF_8)).isEqualTo("are you there?\n");
                    Session.send(client, "w line\n");
                    assertThat(new String(client.receive(), UTF_8)).isEqualTo("a slow line\n");
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void bytesThatDripDoNotProlongTheTimeOfAPacket() throws Exception {
        serveIdle(
                client -> {
                    handlers.add(Thread.currentThread());
                    client.receive();
                },
                (session, time) -> {
                    ByteStream client = session.connectRaw();
                    awaitHandler(time, 1);
                    for (int i = 0; i < 3; i++) {
                        time.advance(ofSeconds(3));
                        Session.send(client, "x");
                    }
                    time.advance(ofSeconds(1));
                    assertThat(reports.take()).isExactlyInstanceOf(TimedOutException.class);
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void whatIsPartOfNoPacketDoesNotProlongTheTimeOfOne() throws Exception {
        VirtualTime.<Exception>run(time -> serve(
                ServerKind.MEMORY,
                StreamProtocol.of(IndentedLines.INDENTED_LINES),
                options.withIdleTimeout(ofSeconds(10)),
                client -> {
                    handlers.add(Thread.currentThread());
                    client.receive();
                },
                session -> {
                    ByteStream client = session.connectRaw();
                    awaitHandler(time, 1);
                    for (int i = 0; i < 3; i++) {
                        time.advance(ofSeconds(3));
                        Session.send(client, " ");
                    }
                    time.advance(ofSeconds(1));
                    assertThat(reports.take()).isExactlyInstanceOf(TimedOutException.class);
                }));
        assertThat(reports).isEmpty();
    }

    @Test
    void aReceiveWithALimitOfItsOwnHasNoOther() throws Exception {
        serveIdle(
                client -> {
                    handlers.add(Thread.currentThread());
                    if (client.receive().equals("limit")) {
                        client.send(client.receive(Duration.ofMinutes(1)));
                    } else {
                        events.add(client.available(Duration.ofMinutes(1)));
                    }
                },
                (session, time) -> {
                    for (String kind : new String[] {"limit", "all"}) {
                        PacketClient<String, String> client = session.connect();
                        client.send(kind);
                        awaitHandler(time, 1);
                        time.advance(ofSeconds(59));
                        client.send("late");
                        if (kind.equals("limit")) {
                            assertThat(client.receive()).isEqualTo("late");
                        } else {
                            time.advance(ofSeconds(1));
                            assertThat(((Arrivals<?>) events.take()).end()).isEqualTo(Arrivals.End.NO_MORE);
                        }
                    }
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void theShorterOfTheIdleTimeoutAndAScopeOfTheHandlerCounts() throws Exception {
        serveIdle(
                client -> {
                    handlers.add(Thread.currentThread());
                    boolean inTime = CancelScope.moveOnAfter(ofSeconds(5)).run(() -> client.receive());
                    events.add(inTime);
                    client.send("now");
                    CancelScope.failAfter(Duration.ofMinutes(1)).run(() -> client.receive());
                },
                (session, time) -> {
                    PacketClient<String, String> client = session.connect();
                    awaitHandler(time, 2);
                    time.advance(ofSeconds(5));
                    assertThat(events.take()).isEqualTo(false);
                    assertThat(client.receive()).isEqualTo("now");
                    until(() -> time.pending() >= 2);
                    time.advance(ofSeconds(10));
                    assertThat(reports.take()).hasMessageContaining("receiving a packet");
                });
        assertThat(reports).isEmpty();
    }

    // -- clients that do not read

    @Test
    @Tag("smoke")
    void aClientThatDoesNotReadIsGivenUpAfterTheWriteTimeout() throws Exception {
        VirtualTime.<Exception>run(time -> serve(
                ServerKind.TCP,
                options.withWriteTimeout(ofSeconds(10)),
                client -> {
                    handlers.add(Thread.currentThread());
                    while (true) {
                        client.send("x".repeat(60_000));
                    }
                },
                session -> {
                    PacketClient<String, String> client = session.connect();
                    Thread handler = handlers.take();
                    Blocked.await(handler);
                    time.advance(ofSeconds(10));
                    assertThat(reports.take())
                            .isExactlyInstanceOf(TimedOutException.class)
                            .hasMessageContaining("sending a packet");
                    handler.join();
                    // What was cut short must not pass for whole.
                    assertThatThrownBy(() -> client.forEach(line -> {}))
                            .isExactlyInstanceOf(BrokenResourceException.class);
                }));
        assertThat(reports).isEmpty();
    }

    @Test
    @SuppressWarnings("try") // the other end is only held open
    void anEndThatDoesNotGoOutIsGivenUpAfterTheWriteTimeout() throws Exception {
        VirtualTime.<Exception>run(time -> {
            var pair = MemoryByteStream.pair();
            try (var client = pair.left();
                    var server = PacketServer.over(
                            new OneClient(new CountedStream(pair.right(), most -> most) {
                                @Override
                                public void sendEof() throws IOException {
                                    CancelScope.sleep(ofSeconds(1000)); // as TLS may, whose end has to be written
                                }
                            }),
                            LINES,
                            options.withWriteTimeout(ofSeconds(10)))) {
                TaskGroup.<Exception>run(group -> {
                    Task<Void> serving = group.fork(() -> server.serve(served -> {
                        handlers.add(Thread.currentThread());
                        served.sendEof();
                    }));
                    Blocked.await(handlers.take());
                    time.advance(ofSeconds(10));
                    assertThat(reports.take())
                            .isExactlyInstanceOf(TimedOutException.class)
                            .hasMessageContaining("ending the sending");
                    server.drain(ofSeconds(20));
                    serving.await();
                });
            }
        });
        assertThat(reports).isEmpty();
    }

    /** Has one connection to give. */
    private static final class OneClient implements Listener<ByteStream> {
        private final Serving serving = new Serving();
        private final Semaphore permits = new Semaphore(1);
        private final ByteStream client;
        private volatile boolean closed;

        OneClient(ByteStream client) {
            this.client = client;
        }

        @Override
        public ByteStream accept() throws IOException {
            try {
                permits.acquire();
            } catch (InterruptedException e) {
                throw CancelScope.interrupted(e);
            }
            if (closed) {
                throw new ClosedResourceException("closed");
            }
            return client;
        }

        @Override
        public Serving serving() {
            return serving;
        }

        @Override
        public void close() {
            closed = true;
            permits.release();
            serving.closed();
        }
    }

    @Test
    void aSendThatGoesOutInTimeIsNotLimited() throws Exception {
        serve(ServerKind.TCP, options.withWriteTimeout(ofSeconds(20)), PacketServing::echo, session -> {
            PacketClient<String, String> client = session.connect();
            assertThat(ask(client, "x".repeat(60_000))).hasSize(60_000);
            assertThat(ask(client, "again")).isEqualTo("again");
        });
        assertThat(reports).isEmpty();
    }

    // -- many clients

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void noMoreClientsAreServedAtATimeThanMay(ServerKind kind) throws Exception {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        var meeting = new CyclicBarrier(2);
        serve(
                kind,
                options.withMaxConnections(2),
                client -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    try {
                        meeting.await(); // two of them at least
                        client.send(client.receive());
                    } finally {
                        running.decrementAndGet();
                    }
                },
                session -> {
                    for (int round = 0; round < 5; round++) {
                        Task<?>[] asking = new Task<?>[6];
                        for (int i = 0; i < asking.length; i++) {
                            // With TLS, even to connect takes a turn.
                            asking[i] = session.group.fork(() -> {
                                try (PacketClient<String, String> client = session.connectUntracked()) {
                                    return ask(client, "hello");
                                }
                            });
                        }
                        for (Task<?> task : asking) {
                            assertThat(task.join()).isEqualTo("hello");
                        }
                    }
                });
        assertThat(most.get()).isEqualTo(2);
        assertThat(reports).isEmpty();
    }

    @Test
    void aClientBeyondTheLimitWaitsUntilAnotherHasEnded() throws Exception {
        serve(ServerKind.TCP, options.withMaxConnections(1), PacketServing::echo, session -> {
            PacketClient<String, String> first = session.connect();
            assertThat(ask(first, "one")).isEqualTo("one");
            PacketClient<String, String> second = session.connect();
            second.send("two");
            Blocked.await(session.serving, "serve");
            assertThat(second.available().packets()).isEmpty();
            first.close();
            assertThat(second.receive()).isEqualTo("two");
        });
        assertThat(reports).isEmpty();
    }

    // -- backpressure

    @ParameterizedTest
    @EnumSource
    void aSlowHandlerSlowsItsClientDownAndNobodyElse(ServerKind kind) throws Exception {
        var permits = new Semaphore(0);
        serve(
                kind,
                client -> {
                    if (client.receive().equals("slow")) {
                        permits.acquire();
                        AtomicInteger count = new AtomicInteger();
                        client.forEach(line -> count.incrementAndGet());
                        client.send("" + count);
                    } else {
                        echo(client);
                    }
                },
                session -> {
                    PacketClient<String, String> slow = session.connect();
                    slow.send("slow");
                    Task<Integer> sending = session.group.fork(() -> flood(slow));
                    Blocked.await(sending, kind == ServerKind.MEMORY ? "send" : "write");
                    PacketClient<String, String> other = session.connect();
                    other.send("fast");
                    assertThat(ask(other, "hello")).isEqualTo("hello");
                    permits.release();
                    assertThat(slow.receive()).isEqualTo("" + sending.join());
                });
        assertThat(reports).isEmpty();
    }

    /** Sends more than any buffer takes. */
    private static int flood(PacketClient<String, String> client) throws IOException {
        String line = "x".repeat(60_000);
        for (int i = 0; i < 500; i++) {
            client.send(line);
        }
        client.sendEof();
        return 500;
    }
}

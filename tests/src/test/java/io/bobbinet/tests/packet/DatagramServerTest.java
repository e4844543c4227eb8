package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.Udp;
import io.bobbinet.packet.DatagramClient;
import io.bobbinet.packet.DatagramHandler;
import io.bobbinet.packet.DatagramPeer;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.DatagramServer;
import io.bobbinet.packet.DatagramServerOptions;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryDatagrams;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server of datagrams does for its peers. */
@OnEachBackend
@DisplayName("DatagramServerTest")
@Timeout(30)
@SuppressWarnings("try") // closes in the middle
class DatagramServerTest extends DatagramsServed {
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Thread> handlers = new LinkedBlockingQueue<>();

    // -- conversations

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void aConversationGoesOnInOneHandler(DatagramKind kind) throws Exception {
        serve(
                kind,
                peer -> {
                    String name = peer.receive();
                    peer.send("hello " + name);
                    peer.forEach(line -> peer.send(name + ": " + line), malformed -> {});
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    assertThat(ask(client, "me")).isEqualTo("hello me");
                    for (int i = 0; i < 10; i++) {
                        assertThat(ask(client, "line " + i)).isEqualTo("me: line " + i);
                    }
                    assertThat(ask(client, "")).isEqualTo("me: "); // an empty datagram is a packet
                });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"UDP", "UNIX"})
    @Tag("smoke")
    void peersAreServedAtTheSameTimeAndEachInOrder(DatagramKind kind) throws Exception {
        var meeting = new CountDownLatch(10);
        serve(
                kind,
                peer -> {
                    meeting.countDown();
                    meeting.await(); // all of them run at the same time
                    echo(peer);
                },
                session -> {
                    List<DatagramClient<String, String>> clients = new ArrayList<>();
                    for (int i = 0; i < 10; i++) {
                        clients.add(session.connect());
                    }
                    for (int line = 0; line < 5; line++) {
                        for (DatagramClient<String, String> client : clients) {
                            client.send("line " + line);
                        }
                    }
                    for (DatagramClient<String, String> client : clients) {
                        for (int line = 0; line < 5; line++) {
                            assertThat(client.receive()).isEqualTo("line " + line);
                        }
                    }
                });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatComesWhileTheHandlerIsBusyWaitsAndBeginsAnotherWhenItHasEnded(DatagramKind kind) throws Exception {
        var permits = new Semaphore(0);
        var running = new AtomicInteger();
        serve(
                kind,
                peer -> {
                    assertThat(running.incrementAndGet()).isEqualTo(1);
                    permits.acquire();
                    peer.send(peer.receive());
                    running.decrementAndGet();
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    for (int i = 0; i < 20; i++) {
                        client.send("line " + i);
                    }
                    permits.release(20);
                    for (int i = 0; i < 20; i++) {
                        assertThat(client.receive()).isEqualTo("line " + i);
                    }
                    permits.release(1);
                    assertThat(ask(client, "later")).isEqualTo("later");
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void aDatagramThatTheHandlerDoesNotReceiveIsGone() throws Exception {
        serve(
                DatagramKind.MEMORY,
                peer -> {
                    events.add("called");
                    if (events.size() > 2) {
                        peer.send(peer.receive());
                    }
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    client.send("one");
                    client.send("two");
                    assertThat(ask(client, "three")).isEqualTo("three");
                });
        assertThat(events).hasSize(3);
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void aMalformedDatagramIsOfferedToTheHandler(DatagramKind kind) throws Exception {
        serve(kind, DatagramsServed::echo, session -> {
            var raw = session.connectRaw();
            var client = DatagramClient.over(raw, TEXTS);
            assertThat(ask(client, "good")).isEqualTo("good");
            raw.send(new byte[] {(byte) 0xff});
            assertThat(client.receive()).isEqualTo("malformed");
            assertThat(ask(client, "next")).isEqualTo("next");
        });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void aHandlerThatFailsIsReportedOnceWithItsPeerAndTheNextDatagramServed(DatagramKind kind) throws Exception {
        serve(
                kind,
                peer -> {
                    String line = peer.receive();
                    if (line.equals("fail")) {
                        throw new Exception("as told");
                    }
                    peer.send(line);
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    client.send("fail");
                    client.send("fail");
                    assertThat(ask(client, "after")).isEqualTo("after");
                    assertThat(reports.take()).hasMessage("as told");
                    assertThat(reports.take()).hasMessage("as told");
                    assertThat(((DatagramPeer<?, ?>) reported.take()).address()).contains(client.localAddress());
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void anErrorOfAHandlerAndOneOfTheReporterLoseNothing() throws Exception {
        DatagramServerOptions failing = options.withFailureReporter((peer, failure) -> {
            throw new IllegalStateException("the reporter too");
        });
        var permit = new Semaphore(0);
        serve(
                DatagramKind.MEMORY,
                failing,
                peer -> {
                    permit.acquire();
                    permit.release();
                    if (peer.receive().equals("fail")) {
                        throw new StackOverflowError("as told");
                    }
                    peer.send("fine");
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    client.send("fail");
                    client.send("go on");
                    permit.release();
                    assertThat(client.receive()).isEqualTo("fine");
                });
    }

    @Test
    void aPeerIsTheSameAsLongAsItHasItsAddress() throws Exception {
        var peers = new LinkedBlockingQueue<DatagramPeer<String, String>>();
        serve(
                DatagramKind.UDP,
                peer -> {
                    peers.add(peer);
                    peer.send(peer.receive());
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    ask(client, "one");
                    ask(client, "two");
                    ask(session.connect(), "other");
                    DatagramPeer<String, String> one = peers.take();
                    DatagramPeer<String, String> two = peers.take();
                    DatagramPeer<String, String> other = peers.take();
                    assertThat(one).isEqualTo(two).hasSameHashCodeAs(two).isNotEqualTo(other);
                    assertThat(new HashSet<>(List.of(one, other))).isEqualTo(Set.of(two, other));
                    one.send("news"); // when its handler has ended
                    assertThat(client.receive()).isEqualTo("news");
                    until(() -> !isReceiving(one));
                });
        assertThat(reports).isEmpty();
    }

    /** Whether the conversation still goes on. */
    private static boolean isReceiving(DatagramPeer<String, String> peer) {
        try {
            peer.receive(ZERO);
            return true;
        } catch (ClosedResourceException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    // -- how receives end

    @Test
    void aSilentPeerIsEndedAfterTheIdleTimeAndAReceiveWithALimitAfterThat() throws Exception {
        VirtualTime.<Exception>run(time -> serve(
                DatagramKind.MEMORY,
                options.withIdleTimeout(ofSeconds(10)),
                peer -> {
                    handlers.add(Thread.currentThread());
                    events.add(peer.receive());
                    try {
                        peer.receive(ofSeconds(60));
                    } catch (TimedOutException e) {
                        events.add("limit");
                    }
                    try {
                        peer.receive();
                    } catch (EndOfStreamException e) {
                        events.add("idle");
                        throw e;
                    }
                },
                session -> {
                    session.connect().send("only one");
                    Blocked.await(handlers.take());
                    until(() -> time.pending() == 1);
                    time.advance(ofSeconds(59));
                    assertThat(events).hasSize(1);
                    time.advance(ofSeconds(1));
                    until(() -> events.size() == 2 && time.pending() == 1);
                    time.advance(ofSeconds(10));
                    until(() -> events.size() == 3);
                }));
        assertThat(events).containsExactly("only one", "limit", "idle");
        assertThat(reports).isEmpty();
    }

    @Test
    void aReceiveThatIsCutShortHasReceivedNothing() throws Exception {
        serve(
                DatagramKind.MEMORY,
                peer -> {
                    peer.receive();
                    assertThatThrownBy(() -> peer.receive(ZERO)).isExactlyInstanceOf(TimedOutException.class);
                    MoveOnScope scope = CancelScope.create();
                    TaskGroup.<Exception>run(group -> {
                        Task<Boolean> receiving = group.fork(() -> scope.run(() -> peer.receive()));
                        Blocked.await(receiving, "receive");
                        scope.cancel();
                        assertThat(receiving.join()).isFalse();
                    });
                    peer.send("now");
                    peer.send(peer.receive());
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    assertThat(ask(client, "first")).isEqualTo("now");
                    assertThat(ask(client, "second")).isEqualTo("second");
                });
        assertThat(reports).isEmpty();
    }

    // -- bounds

    @Test
    @Tag("smoke")
    void whatABusyHandlerCannotKeepIsDroppedAndCounted() throws Exception {
        var permit = new Semaphore(0);
        serve(
                DatagramKind.MEMORY,
                options.withMaxQueued(3),
                peer -> {
                    peer.send(peer.receive());
                    permit.acquire();
                    echo(peer);
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    assertThat(ask(client, "first")).isEqualTo("first");
                    for (int i = 0; i < 10; i++) {
                        client.send("line " + i);
                    }
                    until(() -> session.server.dropped() == 7);
                    permit.release();
                    for (int i = 0; i < 3; i++) {
                        assertThat(client.receive()).isEqualTo("line " + i);
                    }
                    assertThat(ask(client, "last")).isEqualTo("last");
                    assertThat(session.server.dropped()).isEqualTo(7);
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void noMoreBytesWaitForAllHandlersThanMay() throws Exception {
        int length = 60_000;
        int most = DatagramServer.MOST_BYTES_WAITING / length;
        var permit = new Semaphore(0);
        serve(
                DatagramKind.MEMORY,
                options.withMaxQueued(1000),
                peer -> {
                    peer.send(peer.receive());
                    permit.acquire();
                    for (int i = 0; i < most; i++) {
                        peer.receive();
                    }
                    peer.send("all taken");
                    echo(peer);
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    assertThat(ask(client, "first")).isEqualTo("first");
                    for (int i = 0; i < most + 5; i++) {
                        client.send("x".repeat(length));
                    }
                    until(() -> session.server.dropped() == 5);
                    permit.release();
                    assertThat(client.receive()).isEqualTo("all taken");
                    assertThat(ask(client, "x".repeat(length))).hasSize(length);
                });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"UDP", "UNIX"})
    @Tag("smoke")
    void asManyPeersAsMayAreServedAndReceivingStopsWhileAllAreBusy(DatagramKind kind) throws Exception {
        var permits = new Semaphore(0);
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        serve(
                kind,
                options.withMaxPeers(2),
                peer -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    permits.acquire();
                    peer.send(peer.receive());
                    running.decrementAndGet();
                },
                session -> {
                    List<DatagramClient<String, String>> clients = new ArrayList<>();
                    for (int i = 0; i < 5; i++) {
                        clients.add(session.connect());
                        clients.get(i).send("hello " + i);
                    }
                    until(() -> running.get() == 2);
                    Blocked.await(session.serving, "serve");
                    permits.release(5);
                    for (int i = 0; i < 5; i++) {
                        assertThat(clients.get(i).receive()).isEqualTo("hello " + i);
                    }
                });
        assertThat(most.get()).isEqualTo(2);
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"UDP", "UNIX"})
    void thePeerThatIsWaitedForTheLongestTimeMakesRoomForANewOne(DatagramKind kind) throws Exception {
        serve(
                kind,
                options.withMaxPeers(2),
                peer -> {
                    String name = peer.receive();
                    peer.send("hello " + name);
                    handlers.add(Thread.currentThread());
                    peer.forEach(line -> peer.send(name + ": " + line), malformed -> {});
                    events.add(name);
                },
                session -> {
                    DatagramClient<String, String> first = session.connect();
                    DatagramClient<String, String> second = session.connect();
                    for (DatagramClient<String, String> client : List.of(first, second)) {
                        ask(client, client == first ? "first" : "second");
                        Blocked.await(handlers.take());
                    }
                    assertThat(ask(first, "still here")).isEqualTo("first: still here");
                    DatagramClient<String, String> third = session.connect();
                    assertThat(ask(third, "third")).isEqualTo("hello third");
                    assertThat(events).containsExactly("second");
                    assertThat(ask(first, "not I")).isEqualTo("first: not I");
                    assertThat(ask(second, "again")).isEqualTo("hello again");
                });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"UDP", "UNIX"})
    @Tag("smoke")
    void aHandlerThatDoesNotLeaveWhenItWasEndedKeepsNobodyElseWaiting(DatagramKind kind) throws Exception {
        var permit = new Semaphore(0);
        serve(
                kind,
                options.withMaxPeers(2),
                peer -> {
                    String name = peer.receive();
                    peer.send("hello " + name);
                    handlers.add(Thread.currentThread());
                    echo(peer);
                    if (name.equals("slow")) {
                        permit.acquire();
                    }
                },
                session -> {
                    DatagramClient<String, String> slow = session.connect();
                    DatagramClient<String, String> other = session.connect();
                    for (String name : List.of("slow", "other")) {
                        ask(name.equals("slow") ? slow : other, name);
                        Blocked.await(handlers.take());
                    }
                    for (String name : List.of("third", "fourth", "fifth")) { // the slow one is ended for the third
                        assertThat(ask(session.connect(), name)).isEqualTo("hello " + name);
                        Blocked.await(handlers.take());
                    }
                    permit.release();
                });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptOfOneHandlerIsNotSeenByTheNext(boolean failing) throws Exception {
        var permit = new Semaphore(0);
        serve(
                DatagramKind.MEMORY,
                peer -> {
                    events.add(Thread.currentThread().isInterrupted());
                    boolean unused = Thread.interrupted();
                    permit.acquire();
                    peer.send(peer.receive());
                    Thread.currentThread().interrupt();
                    if (failing) {
                        throw new Exception("as told");
                    }
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    for (int i = 0; i < 3; i++) {
                        client.send("line " + i);
                    }
                    permit.release(3);
                    for (int i = 0; i < 3; i++) {
                        assertThat(client.receive()).isEqualTo("line " + i);
                    }
                });
        assertThat(events).containsExactly(false, false, false);
        assertThat(reports).hasSize(failing ? 3 : 0);
    }

    // -- the network

    @Test
    void anAnswerThatNobodyTakesDoesNotEndTheServing() throws Exception {
        var nobody = Udp.bind("127.0.0.1", 0);
        try (var ours = Udp.bind("127.0.0.1", 0)) {
            int port = nobody.localAddress().getPort();
            nobody.send("hello".getBytes(UTF_8), ours.localAddress());
            nobody.close();
            try (var server = DatagramServer.over(ours, TEXTS, options)) {
                TaskGroup.<Exception>run(group -> {
                    group.fork(() -> server.serve(DatagramsServed::echo));
                    try (var client = DatagramClient.connect(
                            Udp.connector("127.0.0.1", ours.localAddress().getPort()), TEXTS)) {
                        assertThat(ask(client, "served")).isEqualTo("served");
                    }
                    server.drain(ofSeconds(20));
                });
            }
            assertThat(port).isPositive();
        }
        assertThat(reports).isEmpty();
    }

    @Test
    void thePeerOfAConnectedSocketMayBeAwayForATime() throws Exception {
        var theirs = Udp.bind("127.0.0.1", 0);
        int port = theirs.localAddress().getPort();
        var ours = Udp.connect("127.0.0.1", port);
        theirs.close();
        try (var server = DatagramServer.over(ours, TEXTS, options)) {
            TaskGroup.<Exception>run(group -> {
                ours.send("is anybody there?".getBytes(UTF_8));
                group.fork(() -> server.serve(DatagramsServed::echo));
                try (var back = Udp.bind("127.0.0.1", port)) {
                    back.send("here I am".getBytes(UTF_8), ours.localAddress());
                    assertThat(new String(back.receive().data(), UTF_8)).isEqualTo("here I am");
                }
                server.drain(ofSeconds(20));
            });
        }
        assertThat(reports).isEmpty();
    }

    @Test
    void aPacketThatIsTooLongForADatagramIsTheHandlersFailure() throws Exception {
        var wide = DatagramProtocol.of(Lines.utf8().withLimit(1_000_000));
        var socket = Udp.bind("127.0.0.1", 0);
        try (var server = DatagramServer.over(socket, wide, options)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(peer -> peer.send(peer.receive().repeat(100_000))));
                try (var client = DatagramClient.connect(
                        Udp.connector("127.0.0.1", socket.localAddress().getPort()), TEXTS)) {
                    client.send("x");
                    assertThat(reports.take()).isInstanceOf(SocketException.class);
                }
                server.drain(ofSeconds(20));
            });
        }
    }

    // -- the end

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void aDrainGivesWhatWaitsAndThenTheEnd(DatagramKind kind) throws Exception {
        var permit = new Semaphore(0);
        serve(
                kind,
                peer -> {
                    String first = peer.receive();
                    peer.send(first);
                    if (!first.equals("first")) {
                        return;
                    }
                    permit.acquire();
                    echo(peer);
                    events.add(Thread.currentThread().isInterrupted());
                    peer.send("farewell");
                },
                session -> {
                    DatagramClient<String, String> client = session.connect();
                    assertThat(ask(client, "first")).isEqualTo("first");
                    client.send("second");
                    client.send("third");
                    awaitReceived(session, kind);
                    session.server.drain(ofSeconds(20));
                    permit.release();
                    session.serving.await();
                    assertThat(client.receive()).isEqualTo("second");
                    assertThat(client.receive()).isEqualTo("third");
                    assertThat(client.receive()).isEqualTo("farewell");
                });
        assertThat(events).containsExactly(false);
        assertThat(reports).isEmpty();
    }

    /** Waits until the server has received all that was sent: it waits for more, and another peer has been answered since. */
    private static void awaitReceived(Session session, DatagramKind kind) throws IOException, InterruptedException {
        if (kind != DatagramKind.MEMORY) {
            ask(session.connect(), "what came before me has been received");
        }
        until(() -> !Blocked.await(session.serving).isSignalled());
    }

    @Test
    void aDrainEndsReceivesThatWaitAndItsGraceTheRest() throws Exception {
        VirtualTime.<Exception>run(time -> serve(
                DatagramKind.MEMORY,
                peer -> {
                    handlers.add(Thread.currentThread());
                    echo(peer);
                    events.add("end");
                    try {
                        CancelScope.sleep(ofSeconds(1000));
                    } catch (CancelledException e) {
                        events.add("cancelled");
                        throw e;
                    }
                },
                session -> {
                    ask(session.connect(), "hello");
                    Blocked.await(handlers.take());
                    session.server.drain(ofSeconds(10));
                    assertThat(events.take()).isEqualTo("end");
                    time.advance(ofSeconds(10));
                    assertThat(events.take()).isEqualTo("cancelled");
                    session.serving.await();
                }));
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "transport"})
    void aCloseCancelsTheHandlers(String closed) throws Exception {
        var socket = Udp.bind("127.0.0.1", 0);
        var server = DatagramServer.over(socket, TEXTS, options);
        assertThatThrownBy(() -> TaskGroup.<Exception>run(group -> {
                    group.fork(() -> server.serve(peer -> {
                        handlers.add(Thread.currentThread());
                        echo(peer);
                    }));
                    try (var client = DatagramClient.connect(
                            Udp.connector("127.0.0.1", socket.localAddress().getPort()), TEXTS)) {
                        ask(client, "hello");
                        Blocked.await(handlers.take());
                        if (closed.equals("server")) {
                            server.close();
                        } else {
                            socket.close();
                        }
                    }
                }))
                .isExactlyInstanceOf(ClosedResourceException.class);
        server.close();
        assertThatThrownBy(() -> server.serve(DatagramsServed::echo))
                .isExactlyInstanceOf(ClosedResourceException.class);
        assertThat(reports).isEmpty();
    }

    @Test
    void aServeThatIsCancelledCanBeRepeatedAndASecondAtTheSameTimeIsRefused() throws Exception {
        var pair = MemoryDatagrams.faultless().pair();
        try (var server = DatagramServer.over(pair.left(), TEXTS, options);
                var client = DatagramClient.over(pair.right(), TEXTS)) {
            for (int i = 0; i < 3; i++) {
                TaskGroup.<Exception>run(group -> {
                    MoveOnScope scope = CancelScope.create();
                    Task<Boolean> serving = group.fork(() -> scope.run(() -> server.serve(DatagramsServed::echo)));
                    assertThat(ask(client, "hello")).isEqualTo("hello");
                    assertThatThrownBy(() -> server.serve(DatagramsServed::echo))
                            .isExactlyInstanceOf(BusyResourceException.class);
                    scope.cancel();
                    assertThat(serving.join()).isFalse();
                });
            }
        }
        assertThat(reports).isEmpty();
    }

    @Test
    void theHooksAreCalledInPairsAndTheTransportClosedAfterThem() throws Exception {
        var pair = MemoryDatagrams.faultless().pair();
        try (var server = DatagramServer.over(pair.left(), TEXTS, options);
                var client = DatagramClient.over(pair.right(), TEXTS)) {
            class Noting implements DatagramHandler<String, String> {
                private final boolean failing;

                Noting(boolean failing) {
                    this.failing = failing;
                }

                @Override
                public void start(DatagramServer<String, String> started) throws IOException {
                    if (failing) {
                        throw new IOException("as told");
                    }
                    events.add("start");
                }

                @Override
                public void handle(DatagramPeer<String, String> peer) throws IOException {
                    peer.send(peer.receive());
                    server.drain(ofSeconds(20));
                }

                @Override
                public void stop() {
                    events.add("stop");
                }
            }
            client.send("hello"); // before anybody serves
            assertThatThrownBy(() -> server.serve(new Noting(true))).hasMessage("as told");
            server.serve(new Noting(false));
            assertThat(client.receive()).isEqualTo("hello");
            server.serve(new Noting(false)); // a drain was quicker
        }
        assertThat(events).containsExactly("start", "stop");
        assertThat(reports).isEmpty();
    }

    @Test
    void aDrainWithoutAServeCloses() throws Exception {
        var socket = Udp.bind("127.0.0.1", 0);
        DatagramServer.over(socket, TEXTS).drain(ofSeconds(1));
        assertThatThrownBy(socket::receive).isExactlyInstanceOf(ClosedResourceException.class);
    }

    @Test
    void whatIsAskedForInVainIsSaid() throws Exception {
        var socket = Udp.bind("127.0.0.1", 0);
        assertThatThrownBy(() -> DatagramServer.over(socket, TEXTS, options.withMessages()))
                .isExactlyInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("linux");
        try (var server = DatagramServer.over(socket, TEXTS, options);
                var client = DatagramClient.connect(
                        Udp.connector("127.0.0.1", socket.localAddress().getPort()), TEXTS)) {
            client.send("hello");
            server.serve(peer -> {
                server.drain(ofSeconds(20));
                assertThatThrownBy(peer::receiveMessage)
                        .isExactlyInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("withMessages");
                assertThatThrownBy(() -> peer.sendMessage("x"))
                        .isExactlyInstanceOf(UnsupportedOperationException.class);
            });
        }
        assertThatThrownBy(() -> options.withMaxPeers(0)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.withMaxQueued(0)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.withIdleTimeout(ZERO)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThat(reports).isEmpty();
    }
}

package io.bobbinet.tests.packet;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketHandler;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskFailedException;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The methods of a handler are called in pairs, in whatever order things happen. */
@Timeout(30)
@SuppressWarnings("try") // closes in the middle
class PacketHooksTest extends PacketServing {
    private final LinkedBlockingQueue<String> calls = new LinkedBlockingQueue<>();

    /** Notes its calls, and does what a test wants besides. */
    private class Noting implements PacketHandler<String, String> {
        @Override
        public void start(PacketServer<String, String> server) throws Exception {
            calls.add("start");
        }

        @Override
        public void connected(PacketClient<String, String> client) throws Exception {
            calls.add("connected");
        }

        @Override
        public void handle(PacketClient<String, String> client) throws Exception {
            calls.add("handle");
            echo(client);
        }

        @Override
        public void disconnected(PacketClient<String, String> client) throws Exception {
            calls.add("disconnected");
        }

        @Override
        public void stop() throws Exception {
            calls.add("stop");
        }
    }

    private void serve(PacketHandler<String, String> handler, Scenario scenario) throws Exception {
        serve(ServerKind.MEMORY, handler, scenario);
    }

    private void await(String call) throws InterruptedException {
        assertThat(calls.take()).isEqualTo(call);
    }

    // -- the server

    @Test
    @Tag("smoke")
    void theHooksAreCalledInPairsAndInOrder() throws Exception {
        serve(new Noting(), session -> {
            await("start");
            for (int i = 0; i < 3; i++) {
                PacketClient<String, String> client = session.connect();
                await("connected");
                await("handle");
                assertThat(ask(client, "hello")).isEqualTo("hello");
                client.close();
                await("disconnected");
            }
        });
        await("stop");
        assertThat(calls).isEmpty();
        assertThat(reports).isEmpty();
    }

    @Test
    void nobodyIsAcceptedBeforeTheStart() throws Exception {
        MemoryListener listener = MemoryListener.open();
        try (var waiting = listener.connector().connect();
                var server = PacketServer.over(listener, LINES, options)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(new Noting() {
                    @Override
                    public void start(PacketServer<String, String> started) throws IOException {
                        assertThat(started).isSameAs(server);
                        calls.add("start " + listener.pending());
                    }
                }));
                await("start 1");
                await("connected");
                server.drain(ofSeconds(20));
            });
            assertThat(waiting).isNotNull();
        }
    }

    @Test
    void aStartThatFailsEndsTheServeWithoutAStopAndLeavesTheServerOpen() throws Exception {
        MemoryListener listener = MemoryListener.open();
        try (var server = PacketServer.over(listener, LINES, options)) {
            for (Exception failure : List.of(new IOException("no"), new IllegalStateException("no"))) {
                assertThatThrownBy(() -> server.serve(failingStart(failure))).isSameAs(failure);
            }
            Exception checked = new Exception("no");
            assertThatThrownBy(() -> server.serve(failingStart(checked)))
                    .isExactlyInstanceOf(TaskFailedException.class)
                    .hasCause(checked);
            assertThat(calls).isEmpty();
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(new Noting()));
                try (var client = PacketClient.connect(listener.connector(), LINES)) {
                    assertThat(ask(client, "served after all")).isEqualTo("served after all");
                }
                server.drain(ofSeconds(20));
            });
        }
    }

    private PacketHandler<String, String> failingStart(Exception failure) {
        return new Noting() {
            @Override
            public void start(PacketServer<String, String> server) throws Exception {
                throw failure;
            }
        };
    }

    @Test
    void aStopThatFailsIsWhatTheServeEndsBy() throws Exception {
        MemoryListener listener = MemoryListener.open();
        IOException failure = new IOException("as told");
        PacketHandler<String, String> handler = new Noting() {
            @Override
            public void stop() throws IOException {
                throw failure;
            }
        };
        try (var server = PacketServer.over(listener, LINES, options)) {
            assertThatThrownBy(() -> TaskGroup.<Exception>run(group -> {
                        Task<Void> serving = group.fork(() -> server.serve(handler));
                        Blocked.await(serving);
                        server.drain(ofSeconds(20));
                    }))
                    .isSameAs(failure);
        }
        var closed = PacketServer.over(MemoryListener.open(), LINES, options);
        assertThatThrownBy(() -> TaskGroup.<Exception>run(group -> {
                    Task<Void> serving = group.fork(() -> closed.serve(handler));
                    Blocked.await(serving);
                    closed.close();
                }))
                .isExactlyInstanceOf(ClosedResourceException.class)
                .hasSuppressedException(failure);
    }

    @ParameterizedTest
    @ValueSource(strings = {"drain", "drain now", "close", "cancel", "interrupt"})
    @Tag("smoke")
    void theStopComesLastWhateverTheServingEndsBy(String way) throws Exception {
        MemoryListener listener = MemoryListener.open();
        PacketHandler<String, String> handler = new Noting() {
            @Override
            public void handle(PacketClient<String, String> client) throws Exception {
                calls.add("handle");
                if (way.equals("drain")) {
                    echo(client);
                } else {
                    new CountDownLatch(1).await();
                }
            }
        };
        try (var server = PacketServer.over(listener, LINES, options);
                var client = PacketClient.connect(listener.connector(), LINES)) {
            var ends = new LinkedBlockingQueue<Throwable>();
            MoveOnScope scope = CancelScope.create();
            Thread serving = Thread.ofVirtual().start(() -> {
                try {
                    scope.run(() -> server.serve(handler));
                    ends.add(new Throwable("returned"));
                } catch (IOException | RuntimeException e) {
                    ends.add(e);
                }
            });
            await("start");
            await("connected");
            await("handle");
            switch (way) {
                case "drain" -> server.drain(ofSeconds(20));
                case "drain now" -> server.drain(ZERO);
                case "close" -> listener.close();
                case "cancel" -> scope.cancel();
                default -> serving.interrupt();
            }
            Throwable end = ends.take();
            switch (way) {
                case "close" -> assertThat(end).isExactlyInstanceOf(ClosedResourceException.class);
                case "interrupt" -> assertThat(end).isExactlyInstanceOf(InterruptedIOException.class);
                default -> assertThat(end).hasMessage("returned");
            }
            serving.join();
            assertThat(client).isNotNull();
        }
        assertThat(calls).containsExactly("disconnected", "stop");
    }

    @Test
    void aStartMayDrainAndThenNobodyIsServed() throws Exception {
        MemoryListener listener = MemoryListener.open();
        try (var server = PacketServer.over(listener, LINES, options)) {
            server.serve(new Noting() {
                @Override
                public void start(PacketServer<String, String> started) throws Exception {
                    super.start(started);
                    started.drain(ofSeconds(20));
                }
            });
        }
        assertThat(calls).containsExactly("start", "stop");
    }

    @Test
    void aDrainThatIsQuickerThanTheServeCallsNoHook() throws Exception {
        try (var server = PacketServer.over(MemoryListener.open(), LINES, options)) {
            server.drain(ofSeconds(20));
            server.serve(new Noting());
        }
        assertThat(calls).isEmpty();
    }

    // -- clients

    @Test
    void aConversationMayBeginWhenAClientHasConnected() throws Exception {
        serve(
                new Noting() {
                    @Override
                    public void connected(PacketClient<String, String> client) throws IOException {
                        client.send("your name?");
                        calls.add(client.receive());
                    }
                },
                session -> {
                    await("start");
                    PacketClient<String, String> client = session.connect();
                    assertThat(client.receive()).isEqualTo("your name?");
                    client.send("it is me");
                    await("it is me");
                    await("handle");
                    assertThat(ask(client, "hello")).isEqualTo("hello");
                });
    }

    @Test
    void aClientThatIsTurnedAwayIsNeitherHandledNorDisconnected() throws Exception {
        serve(
                new Noting() {
                    @Override
                    public void connected(PacketClient<String, String> client) throws IOException {
                        throw new IOException("as told");
                    }
                },
                session -> {
                    assertThatThrownBy(session.connect()::receive).isExactlyInstanceOf(EndOfStreamException.class);
                    assertThat(reports.take()).hasMessage("as told");
                });
        assertThat(calls).containsExactly("start", "stop");
        assertThat(reports).isEmpty();
    }

    @Test
    void aPeerThatLeavesWhileItIsWaitedForInConnectedIsNoFailureAndNotDisconnected() throws Exception {
        serve(
                new Noting() {
                    @Override
                    public void connected(PacketClient<String, String> client) throws IOException {
                        client.receive();
                    }
                },
                session -> {
                    await("start");
                    session.connect().close();
                });
        assertThat(calls).containsExactly("stop");
        assertThat(reports).isEmpty();
    }

    @Test
    void aClientThatConnectedClosesIsDisconnectedAndNotHandled() throws Exception {
        serve(
                new Noting() {
                    @Override
                    public void connected(PacketClient<String, String> client) throws IOException {
                        client.close();
                    }
                },
                session ->
                        assertThatThrownBy(session.connect()::receive).isExactlyInstanceOf(EndOfStreamException.class));
        assertThat(calls).containsExactly("start", "disconnected", "stop");
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"return", "fail", "error", "end"})
    void disconnectedIsCalledOnceWhateverTheHandlerEndsBy(String way) throws Exception {
        serve(
                new Noting() {
                    @Override
                    public void handle(PacketClient<String, String> client) throws Exception {
                        switch (way) {
                            case "return" -> client.send("done");
                            case "fail" -> throw new Exception("as told");
                            case "error" -> throw new StackOverflowError("as told");
                            default -> echo(client);
                        }
                    }
                },
                session -> {
                    await("start");
                    PacketClient<String, String> client = session.connect();
                    await("connected");
                    client.sendEof();
                    await("disconnected");
                });
        assertThat(calls).containsExactly("stop");
        assertThat(reports).hasSize(way.equals("fail") || way.equals("error") ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFarewellCanBeSentBehindAFailureAndAnEnd(boolean failing) throws Exception {
        serve(
                new Noting() {
                    @Override
                    public void handle(PacketClient<String, String> client) throws Exception {
                        echo(client);
                        if (failing) {
                            throw new Exception("as told");
                        }
                    }

                    @Override
                    public void disconnected(PacketClient<String, String> client) throws Exception {
                        super.disconnected(client);
                        assertThat(client.isClosed()).isFalse();
                        client.send("farewell");
                    }
                },
                session -> {
                    PacketClient<String, String> client = session.connect();
                    client.sendEof();
                    assertThat(client.receive()).isEqualTo("farewell");
                });
        assertThat(reports).hasSize(failing ? 1 : 0);
    }

    @Test
    void aFarewellToAClientThatIsClosedOrGoneIsReportedOnceAtMost() throws Exception {
        CountDownLatch left = new CountDownLatch(1);
        serve(
                new Noting() {
                    @Override
                    public void handle(PacketClient<String, String> client) throws Exception {
                        if (client.receive().equals("close")) {
                            client.close();
                        } else {
                            client.receive();
                        }
                    }

                    @Override
                    public void disconnected(PacketClient<String, String> client) throws Exception {
                        if (!client.isClosed()) {
                            left.await(); // the end of a stream may be seen before the peer's close has returned
                        }
                        client.send("farewell");
                    }
                },
                session -> {
                    PacketClient<String, String> closed = session.connect();
                    closed.send("close");
                    assertThatThrownBy(closed::receive).isExactlyInstanceOf(EndOfStreamException.class);
                    assertThat(reports).isEmpty();
                    PacketClient<String, String> gone = session.connect();
                    gone.send("go on");
                    gone.close();
                    left.countDown();
                    assertThat(reports.take()).isExactlyInstanceOf(BrokenResourceException.class);
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void aFailureOfDisconnectedIsSuppressedUnderThatOfTheHandler() throws Exception {
        Exception first = new Exception("first");
        Exception second = new Exception("second");
        serve(
                new Noting() {
                    @Override
                    public void handle(PacketClient<String, String> client) throws Exception {
                        if (client.receive().equals("fail")) {
                            throw first;
                        }
                    }

                    @Override
                    public void disconnected(PacketClient<String, String> client) throws Exception {
                        throw second;
                    }
                },
                session -> {
                    session.connect().send("return");
                    assertThat(reports.take()).isSameAs(second);
                    session.connect().send("fail");
                    assertThat(reports.take()).isSameAs(first);
                    assertThat(first).hasSuppressedException(second);
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void aHandlerThatIsCancelledIsDisconnectedInItsCancelledScope() throws Exception {
        var ends = new LinkedBlockingQueue<Throwable>();
        serve(
                new Noting() {
                    @Override
                    public void handle(PacketClient<String, String> client) throws Exception {
                        client.send("ready");
                        new CountDownLatch(1).await();
                    }

                    @Override
                    public void disconnected(PacketClient<String, String> client) throws Exception {
                        try {
                            client.send("no farewell");
                        } catch (CancelledException e) {
                            ends.add(e);
                        }
                        CancelScope.shielded(ofSeconds(20)).run(() -> client.send("farewell"));
                    }
                },
                session -> {
                    PacketClient<String, String> client = session.connect();
                    assertThat(client.receive()).isEqualTo("ready");
                    session.server.drain(ZERO);
                    assertThat(client.receive()).isEqualTo("farewell");
                });
        assertThat(ends).hasSize(1);
        assertThat(reports).isEmpty();
    }
}

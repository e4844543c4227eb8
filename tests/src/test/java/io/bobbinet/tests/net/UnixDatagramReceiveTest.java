package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.ThreadKind;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Receives of UNIX datagrams that are cut short: nothing is lost and the socket stays good. And loops, and serving. */
@OnEachBackend(
        having = Capability.UNIX_DATAGRAM,
        threads = {ThreadKind.PLATFORM, ThreadKind.TASK})
@DisplayName("UnixDatagramReceiveTest")
@Timeout(30)
class UnixDatagramReceiveTest {
    @TempDir
    private Path folder;

    private Path path;
    private UnixDatagramSocket server;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("server");
        server = UnixDatagram.bind(path);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** One of the ways to receive a datagram. */
    private interface Way {
        String receive() throws IOException;
    }

    private String batched() throws IOException {
        DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(1, 100);
        server.receiveBatch(batch);
        return UTF_8.decode(batch.data(0)).toString();
    }

    private String message() throws IOException {
        try (UnixMessage message = server.receiveMessage(100)) {
            return text(message.data());
        }
    }

    private String looped() throws IOException {
        List<String> received = new ArrayList<>();
        try {
            server.forEach(datagram -> {
                received.add(text(datagram.data()));
                throw new InterruptedException("enough");
            });
        } catch (InterruptedException e) {
            return received.getFirst();
        }
        throw new ClosedResourceException("the loop has ended");
    }

    private List<Way> ways() {
        return List.of(() -> text(server.receive().data()), this::message, this::batched, this::looped);
    }

    private void assertNextIs(String text) throws IOException {
        server.send(bytes(text), path);
        assertThat(text(server.receive().data())).isEqualTo(text);
    }

    // -- cut short

    @Test
    void aCancelledReceiveHasTakenNothing() throws Exception {
        for (Way way : ways()) {
            TaskGroup.run(group -> {
                var scope = CancelScope.create();
                Task<Boolean> receiver = group.fork(() -> scope.run(way::receive));
                Blocked.await(receiver);
                scope.cancel();
                assertThat(receiver.join()).isFalse();
            });
            assertNextIs("after the cancel");
        }
    }

    @Test
    void aReceiveInACancelledScopeTakesNothing() throws Exception {
        for (Way way : ways()) {
            server.send(bytes("there"), path);
            var scope = CancelScope.create();
            scope.cancel();
            scope.run(() -> {
                assertFails(CancelledException.class, way::receive);
            });
            assertThat(way.receive()).isEqualTo("there");
        }
    }

    @Test
    void aReceiveThatTimesOutHasTakenNothing() throws Exception {
        for (Way way : ways()) {
            assertFails(
                    TimedOutException.class,
                    () -> CancelScope.failAfter(Duration.ofMillis(1)).call(way::receive));
            assertNextIs("after the deadline");
        }
    }

    @Test
    void anInterruptedReceiveHasTakenNothing() throws Exception {
        for (Way way : ways()) {
            TaskGroup.run(group -> {
                LinkedBlockingQueue<Thread> thread = new LinkedBlockingQueue<>();
                Task<Boolean> receiver = group.fork(() -> {
                    thread.add(Thread.currentThread());
                    assertFails(InterruptedIOException.class, way::receive);
                    return Thread.interrupted();
                });
                Blocked.await(receiver);
                thread.take().interrupt();
                assertThat(receiver.join()).as("the status stays set").isTrue();
            });
            assertNextIs("after the interrupt");
        }
    }

    @Test
    void aCloseEndsEveryReceive() throws Exception {
        for (Way way : ways()) {
            TaskGroup.run(group -> {
                Task<?> receiver = group.fork(() -> {
                    assertFails(ClosedResourceException.class, way::receive);
                });
                Blocked.await(receiver);
                server.close();
                receiver.join();
            });
            assertFails(ClosedResourceException.class, way::receive);
            assertFails(ClosedResourceException.class, () -> server.send(bytes("x"), path));
            open();
        }
    }

    @Test
    void connectedSocketsAreCutShortInTheSameWay() throws Exception {
        ConnectedUnixDatagramSocket client = UnixDatagram.connect(path);
        TaskGroup.run(group -> {
            Task<?> receiver = group.fork(() -> client.receive());
            Blocked.await(receiver);
            assertFails(BusyResourceException.class, client::receive);
            receiver.cancel();
        });
        assertFails(
                TimedOutException.class,
                () -> CancelScope.failAfter(Duration.ofMillis(1)).call(client::receive));
        server.send(bytes("still good"), client.localAddress());
        assertThat(text(client.receive().data())).isEqualTo("still good");
        TaskGroup.run(group -> {
            Task<?> receiver = group.fork(() -> {
                assertFails(ClosedResourceException.class, client::receive);
            });
            Blocked.await(receiver);
            client.close();
            receiver.join();
        });
        assertFails(ClosedResourceException.class, () -> client.send(bytes("x")));
        assertFails(ClosedResourceException.class, () -> client.sendMessage(bytes("x"), List.of()));
        assertFails(ClosedResourceException.class, () -> client.receiveMessage(1));
    }

    @Test
    void theNameIsFreeWhenCloseReturns() throws Exception {
        UnixAddress name = UnixAddress.ofAbstract(
                "bobbinet-close-" + ProcessHandle.current().pid());
        for (int i = 0; i < 20; i++) {
            UnixDatagramSocket socket = UnixDatagram.binder(name).bind();
            TaskGroup.run(group -> {
                Task<?> receiver = group.fork(() -> {
                    assertFails(ClosedResourceException.class, socket::receive);
                });
                Blocked.await(receiver);
                socket.close();
                UnixDatagram.binder(name).bind().close();
                receiver.join();
            });
        }
    }

    // -- loops and serving

    @Test
    void aLoopEndsWhenTheSocketIsClosed() throws Exception {
        List<String> received = new ArrayList<>();
        server.send(bytes("one"), path);
        server.send(new byte[0], path);
        server.send(bytes("end"), path);
        server.forEach(datagram -> {
            received.add(text(datagram.data()));
            if (received.getLast().equals("end")) {
                server.close(); // by its own body
            }
        });
        assertThat(received).containsExactly("one", "", "end");
        open();
        TaskGroup.run(group -> {
            Task<?> loop = group.fork(() -> server.forEach(datagram -> {}));
            Blocked.await(loop);
            server.close(); // by another
            loop.join();
        });
    }

    @Test
    void serveAnswersManyAtOnceAndDrains() throws Exception {
        TaskGroup.run(group -> {
            Task<?> serving = group.fork(() -> server.serve(datagram -> server.send(datagram.reply(datagram.data()))));
            TaskGroup.run(clients -> {
                for (int i = 0; i < 10; i++) {
                    String name = "client " + i;
                    clients.fork(() -> {
                        try (ConnectedUnixDatagramSocket client = UnixDatagram.connect(path)) {
                            for (int n = 0; n < 50; n++) {
                                client.send(bytes(name + n));
                                assertThat(text(client.receive().data())).isEqualTo(name + n);
                            }
                        }
                    });
                }
            });
            server.drain(Duration.ofSeconds(20));
            serving.join();
        });
        assertFails(ClosedResourceException.class, server::receive);
    }

    @Test
    void serveThatIsCancelledLeavesTheSocketAndWhatIsWaiting() throws Exception {
        TaskGroup.run(group -> {
            Task<?> serving = group.fork(() -> server.serve(datagram -> {}));
            Blocked.await(serving);
            serving.cancel();
        });
        assertNextIs("after the cancel");
    }

    @Test
    void aCloseUnderServeCancelsTheHandlers() throws Exception {
        CountDownLatch handling = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        TaskGroup.run(group -> {
            Task<?> serving = group.fork(() -> {
                assertFails(
                        ClosedResourceException.class,
                        () -> server.serve(datagram -> {
                            handling.countDown();
                            try {
                                CancelScope.sleep(Duration.ofHours(1));
                            } finally {
                                cancelled.countDown();
                            }
                        }));
                assertThat(cancelled.getCount()).isZero();
            });
            server.send(bytes("x"), path);
            handling.await();
            server.close();
            serving.join();
        });
    }

    @Test
    void theHandlerThatFailsIsReportedAndServingGoesOn() throws Exception {
        LinkedBlockingQueue<String> reported = new LinkedBlockingQueue<>();
        TaskGroup.run(group -> {
            ServeOptions options = ServeOptions.defaults()
                    .withFailureReporter((served, failure) -> reported.add(served + ": " + failure.getMessage()));
            group.fork(() -> server.serve(
                    datagram -> {
                        throw new IOException("cannot do " + text(datagram.data()));
                    },
                    options));
            try (ConnectedUnixDatagramSocket client = UnixDatagram.connect(path)) {
                client.send(bytes("one"));
                client.send(bytes("two"));
                List<String> both = new ArrayList<>(List.of(reported.take(), reported.take()));
                both.sort(null);
                String from = "Datagram[3 bytes, " + client.localAddress() + "]: cannot do ";
                assertThat(both).containsExactly(from + "one", from + "two");
            }
            server.drain(Duration.ZERO);
        });
    }
}

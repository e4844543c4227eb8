package io.bobbinet.tests.packet;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.Tcp;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server ends in two phases: nothing new is waited for, then what goes on for too long is cancelled. */
@OnEachBackend
@DisplayName("PacketServerDrainTest")
@Timeout(30)
class PacketServerDrainTest extends PacketServing {
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();

    /** The task that handles, once it waits for a packet. */
    private final LinkedBlockingQueue<Thread> handlers = new LinkedBlockingQueue<>();

    private void awaitHandlers(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            Blocked.await(handlers.take());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void handlersThatWaitForAPacketEndAsAtTheEndOfTheStream(ServerKind kind) throws Exception {
        serve(
                kind,
                client -> {
                    handlers.add(Thread.currentThread());
                    echo(client);
                    events.add(Thread.currentThread().isInterrupted());
                    client.send("farewell");
                },
                session -> {
                    List<PacketClient<String, String>> clients = new ArrayList<>();
                    for (int i = 0; i < 5; i++) {
                        clients.add(session.connect());
                        assertThat(ask(clients.get(i), "hello")).isEqualTo("hello");
                    }
                    awaitHandlers(5);
                    session.server.drain(ofSeconds(20));
                    session.serving.await();
                    for (PacketClient<String, String> client : clients) {
                        assertThat(client.receive()).isEqualTo("farewell");
                        assertThatThrownBy(client::receive).isExactlyInstanceOf(EndOfStreamException.class);
                    }
                    assertThatThrownBy(session::connect).isInstanceOf(IOException.class);
                });
        assertThat(events).hasSize(5).containsOnly(false);
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void packetsThatHaveComeAreStillHandled(ServerKind kind) throws Exception {
        var drained = new CountDownLatch(1);
        serve(
                kind,
                client -> {
                    client.send(client.receive());
                    drained.await();
                    echo(client);
                },
                session -> {
                    PacketClient<String, String> client = session.connect();
                    assertThat(ask(client, "first")).isEqualTo("first");
                    for (int i = 0; i < 100; i++) {
                        client.send("line " + i + " " + "x".repeat(100));
                    }
                    session.server.drain(ofSeconds(20));
                    drained.countDown();
                    for (int i = 0; i < 100; i++) {
                        assertThat(client.receive()).startsWith("line " + i + " ");
                    }
                    assertThatThrownBy(client::receive).isExactlyInstanceOf(EndOfStreamException.class);
                });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aPacketThatHasBegunIsWaitedFor(ServerKind kind) throws Exception {
        serve(
                kind,
                client -> {
                    handlers.add(Thread.currentThread());
                    echo(client);
                },
                session -> {
                    ByteStream client = session.connectRaw();
                    Session.send(client, "whole\nhal");
                    assertThat(client.receive()).hasSize(6);
                    awaitHandlers(1);
                    session.server.drain(ofSeconds(20));
                    Session.send(client, "f\n");
                    assertThat(client.receive()).hasSize(5);
                    assertThatThrownBy(client::receive).isExactlyInstanceOf(EndOfStreamException.class);
                });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatWaitsBehindWhatIsPartOfNoPacketEndsAsAtTheEndOfTheStream(ServerKind kind) throws Exception {
        serve(
                kind,
                StreamProtocol.of(IndentedLines.INDENTED_LINES),
                options,
                client -> {
                    handlers.add(Thread.currentThread());
                    echo(client);
                    events.add(Thread.currentThread().isInterrupted());
                },
                session -> {
                    ByteStream idle = session.connectRaw();
                    ByteStream spaced = session.connectRaw();
                    Session.send(spaced, "line\n  \n ");
                    assertThat(spaced.receive()).hasSize(5);
                    awaitHandlers(2);
                    session.server.drain(ofSeconds(20));
                    session.serving.await();
                    assertThatThrownBy(idle::receive).isExactlyInstanceOf(EndOfStreamException.class);
                    assertThatThrownBy(spaced::receive).isExactlyInstanceOf(EndOfStreamException.class);
                });
        assertThat(events).containsExactly(false, false);
        assertThat(reports).isEmpty();
    }

    @Test
    @Tag("smoke")
    void handlersThatTakeTooLongAreCancelledAfterTheGrace() throws Exception {
        VirtualTime.<Exception>run(time -> {
            serve(
                    ServerKind.MEMORY,
                    client -> {
                        handlers.add(Thread.currentThread());
                        try {
                            client.receive();
                        } catch (CancelledException e) {
                            events.add("cancelled");
                            throw e;
                        }
                    },
                    session -> {
                        Session.send(session.connectRaw(), "half a li");
                        awaitHandlers(1);
                        session.server.drain(ofSeconds(10));
                        time.advance(ofSeconds(9));
                        assertThat(events).isEmpty();
                        time.advance(ofSeconds(1));
                        assertThat(events.take()).isEqualTo("cancelled");
                        session.serving.await();
                    });
        });
        assertThat(reports).isEmpty();
    }

    @Test
    void aSecondDrainShortensTheGraceAndACloseInBetweenChangesNothing() throws Exception {
        serve(
                ServerKind.MEMORY,
                client -> {
                    handlers.add(Thread.currentThread());
                    client.receive();
                },
                session -> {
                    Session.send(session.connectRaw(), "half a li");
                    awaitHandlers(1);
                    session.server.drain(Duration.ofDays(1000));
                    session.server.close();
                    assertThat(session.serving.status()).isEqualTo(Task.Status.PENDING);
                    session.server.drain(ZERO);
                    session.serving.await();
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void aHandshakeThatGoesOnMayEndWithinTheGraceAndIsCancelledAfterIt() throws Exception {
        serve(ServerKind.TLS, PacketServing::echo, session -> {
            int port = ((InetSocketAddress) session.server.localAddress()).getPort();
            try (ByteStream goesOn = Tcp.connect("127.0.0.1", port);
                    ByteStream silent = Tcp.connect("127.0.0.1", port)) {
                assertThat(ask(session.connect(), "accepted after the two")).isEqualTo("accepted after the two");
                session.server.drain(ofSeconds(20));
                ByteStream secure = ServerKind.handshake(goesOn);
                assertThatThrownBy(() -> secure.receive(1)).isExactlyInstanceOf(EndOfStreamException.class);
                assertThat(session.serving.status()).isEqualTo(Task.Status.PENDING);
                session.server.drain(ZERO);
                session.serving.await();
                assertThatThrownBy(() -> silent.receive(1)).isInstanceOf(IOException.class);
            }
        });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerMayDrainItsServer(ServerKind kind) throws Exception {
        var server = new LinkedBlockingQueue<PacketServer<String, String>>();
        serve(
                kind,
                client -> client.forEach(line -> {
                    client.send(line);
                    if (line.equals("shut down")) {
                        server.take().drain(ofSeconds(20));
                    }
                }),
                session -> {
                    server.add(session.server);
                    PacketClient<String, String> other = session.connect();
                    assertThat(ask(other, "hello")).isEqualTo("hello");
                    PacketClient<String, String> client = session.connect();
                    assertThat(ask(client, "shut down")).isEqualTo("shut down");
                    session.serving.await();
                    assertThatThrownBy(client::receive).isExactlyInstanceOf(EndOfStreamException.class);
                    assertThatThrownBy(other::receive).isExactlyInstanceOf(EndOfStreamException.class);
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void receivesWithALimitAndThoseThatTakeAllEndToo() throws Exception {
        serve(
                ServerKind.MEMORY,
                client -> {
                    String kind = client.receive();
                    handlers.add(Thread.currentThread());
                    if (kind.equals("limit")) {
                        try {
                            client.receive(Duration.ofDays(1));
                        } catch (EndOfStreamException e) {
                            events.add("end");
                        }
                    } else {
                        events.add(client.available(Duration.ofDays(1)).end());
                    }
                },
                session -> {
                    session.connect().send("limit");
                    session.connect().send("all");
                    Thread first = handlers.take();
                    Thread second = handlers.take();
                    Blocked.await(first);
                    Blocked.await(second);
                    session.server.drain(ofSeconds(20));
                    session.serving.await();
                });
        assertThat(events).containsExactlyInAnyOrder("end", Arrivals.End.END_OF_STREAM);
        assertThat(reports).isEmpty();
    }

    @Test
    void aReceiveInAnotherTaskOfTheHandlerEndsToo() throws Exception {
        serve(
                ServerKind.MEMORY,
                client -> TaskGroup.<Exception>run(group -> {
                    group.fork(() -> {
                        handlers.add(Thread.currentThread());
                        echo(client);
                        events.add("ended");
                    });
                }),
                session -> {
                    session.connect();
                    awaitHandlers(1);
                    session.server.drain(ofSeconds(20));
                    session.serving.await();
                });
        assertThat(events).containsExactly("ended");
        assertThat(reports).isEmpty();
    }

    @Test
    void aHandlerThatIgnoresTheEndIsCancelledAfterTheGrace() throws Exception {
        VirtualTime.<Exception>run(time -> serve(
                ServerKind.MEMORY,
                client -> {
                    client.send("welcome");
                    for (int i = 0; i < 3; i++) {
                        try {
                            client.receive();
                        } catch (EndOfStreamException e) {
                            events.add("end");
                        }
                    }
                    handlers.add(Thread.currentThread());
                    new CountDownLatch(1).await();
                },
                session -> {
                    assertThat(session.connect().receive()).isEqualTo("welcome");
                    session.server.drain(ofSeconds(10));
                    Thread handler = handlers.take();
                    assertThat(events).containsExactly("end", "end", "end");
                    time.advance(ofSeconds(10));
                    session.serving.await();
                    handler.join();
                }));
        assertThat(reports).isEmpty();
    }

    @Test
    void closingCancelsTheHandlersAtOnce() throws Exception {
        assertThatThrownBy(() -> serve(
                        ServerKind.TCP,
                        client -> {
                            handlers.add(Thread.currentThread());
                            try {
                                echo(client);
                            } finally {
                                events.add("ended");
                            }
                        },
                        session -> {
                            session.connect();
                            awaitHandlers(1);
                            session.server.close();
                            assertThat(events.take()).isEqualTo("ended");
                        }))
                .isExactlyInstanceOf(ClosedResourceException.class);
        assertThat(reports).isEmpty();
    }

    @Test
    void theInterruptThatDismissesAReceiveIsSeenByNobody() throws Exception {
        for (int i = 0; i < 200; i++) {
            serve(
                    ServerKind.MEMORY,
                    client -> {
                        echo(client);
                        events.add(Thread.currentThread().isInterrupted());
                    },
                    session -> {
                        PacketClient<String, String> client = session.connect();
                        client.send("one");
                        client.send("two");
                        session.server.drain(ofSeconds(20));
                        session.serving.await();
                    });
            events.removeIf(event -> event.equals(false));
        }
        assertThat(events).isEmpty();
        assertThat(reports).isEmpty();
    }
}

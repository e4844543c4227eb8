package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpStream;
import io.bobbinet.packet.Converter;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.packet.PacketServerOptions;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryListener;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server does for its handlers and keeps from them. */
@OnEachBackend
@DisplayName("PacketServerTest")
@Timeout(30)
class PacketServerTest extends PacketServing {

    // -- dialogues

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void eachClientHasAConversationOfItsOwn(ServerKind kind) throws Exception {
        serve(
                kind,
                client -> {
                    String name = client.receive();
                    client.forEach(line -> client.send(name + ": " + line));
                },
                session -> {
                    List<PacketClient<String, String>> clients = new ArrayList<>();
                    for (int i = 0; i < 10; i++) {
                        clients.add(session.connect());
                        clients.get(i).send("c" + i);
                    }
                    for (int round = 0; round < 5; round++) {
                        for (int i = 0; i < 10; i++) {
                            assertThat(ask(clients.get(i), "r" + round)).isEqualTo("c" + i + ": r" + round);
                        }
                    }
                });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatAHandlerDoesBeforeItsFirstReceiveDoesNotWaitForThePeer(ServerKind kind) throws Exception {
        serve(
                kind,
                client -> {
                    client.send("welcome");
                    echo(client);
                },
                session -> assertThat(session.connect().receive()).isEqualTo("welcome"));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void packetsThatCameBeforeTheEndAreHandledAndAnsweredBehindAHalfClose(ServerKind kind) throws Exception {
        serve(kind, PacketServing::echo, session -> {
            PacketClient<String, String> client = session.connect();
            client.send("one");
            client.send("two");
            client.sendEof();
            assertThat(client.receive()).isEqualTo("one");
            assertThat(client.receive()).isEqualTo("two");
            assertThatThrownBy(client::receive).isExactlyInstanceOf(EndOfStreamException.class);
        });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatReturnsEndsItsClientInGoodOrder(ServerKind kind) throws Exception {
        serve(kind, client -> client.send(client.receive()), session -> {
            PacketClient<String, String> client = session.connect();
            assertThat(ask(client, "once")).isEqualTo("once");
            assertThatThrownBy(client::receive).isExactlyInstanceOf(EndOfStreamException.class);
        });
        assertThat(reports).isEmpty();
    }

    @Test
    void aClientTellsItsAddressesAndItsSocket() throws Exception {
        var seen = new LinkedBlockingQueue<Object>();
        serve(
                ServerKind.TCP,
                client -> {
                    seen.add(client.peerAddress());
                    seen.add(client.localAddress());
                    seen.add(client.socket().option(StandardSocketOptions.TCP_NODELAY));
                    echo(client);
                    seen.add(client.peerAddress());
                },
                session -> {
                    PacketClient<String, String> client = session.connect();
                    assertThat(seen.take()).isEqualTo(client.localAddress());
                    assertThat(seen.take()).isEqualTo(client.peerAddress()).isEqualTo(session.server.localAddress());
                    assertThat(seen.take()).isEqualTo(true);
                    assertThat(session.server.find(SocketAttributes.LOCAL_ADDRESS))
                            .contains(client.peerAddress());
                    client.close();
                    assertThat(seen.take()).isEqualTo(client.localAddress());
                });
    }

    // -- ends

    @Test
    @Tag("smoke")
    void aCleanEndIsToldFromAnEndInMidPacketAndBothFromAReset() throws Exception {
        var ends = new LinkedBlockingQueue<Throwable>();
        serve(
                ServerKind.TCP,
                client -> {
                    try {
                        client.receive();
                        client.receive();
                    } catch (IOException e) {
                        ends.add(e);
                        throw e;
                    }
                },
                session -> {
                    ByteStream clean = session.connectRaw();
                    Session.send(clean, "a line\n");
                    clean.close();
                    assertThat(ends.take()).isExactlyInstanceOf(EndOfStreamException.class);
                    ByteStream cut = session.connectRaw();
                    Session.send(cut, "a line\nhalf a l");
                    cut.close();
                    assertThat(ends.take()).isExactlyInstanceOf(IncompleteReadException.class);
                    assertThat(reports.take()).isExactlyInstanceOf(IncompleteReadException.class);
                    TcpStream reset = (TcpStream) session.connectRaw();
                    Session.send(reset, "a line\nhalf a l");
                    reset.setOption(StandardSocketOptions.SO_LINGER, 0);
                    reset.close();
                    assertThat(ends.take()).isExactlyInstanceOf(BrokenResourceException.class);
                    assertThat(reports.take()).isExactlyInstanceOf(BrokenResourceException.class);
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void theEndOfAnotherStreamIsAFailure() throws Exception {
        serve(
                ServerKind.MEMORY,
                client -> {
                    try (StreamPair<MemoryByteStream> other = MemoryByteStream.pair()) {
                        other.left().sendEof();
                        other.right().receive();
                    }
                },
                session -> {
                    assertThatThrownBy(session.connect()::receive).isExactlyInstanceOf(EndOfStreamException.class);
                    assertThat(reports.take()).isExactlyInstanceOf(EndOfStreamException.class);
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void theEndOfAClientIsNoFailureInWhateverTaskOfItsHandler() throws Exception {
        serve(
                ServerKind.MEMORY,
                client -> TaskGroup.<IOException>run(group -> {
                    for (int i = 0; i < 5; i++) {
                        group.fork(() -> client.receive());
                    }
                }),
                session -> session.connect().close());
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatClosesItsClientHandlesNoFurtherPacket(ServerKind kind) throws Exception {
        var handled = new LinkedBlockingQueue<String>();
        serve(
                kind,
                client -> client.forEach(line -> {
                    handled.add(line);
                    client.close();
                }),
                session -> {
                    ByteStream client = session.connectRaw();
                    Session.send(client, "one\ntwo\nthree\n");
                    assertThatThrownBy(client::receive).isInstanceOf(IOException.class);
                });
        assertThat(handled).containsExactly("one");
        assertThat(reports).isEmpty();
    }

    @Test
    void theUseOfAClientThatTheHandlerHasClosedIsNoFailure() throws Exception {
        var ended = new CountDownLatch(1);
        serve(
                ServerKind.MEMORY,
                client -> {
                    client.close();
                    try {
                        client.send("too late");
                    } finally {
                        ended.countDown();
                    }
                },
                session -> {
                    PacketClient<String, String> unused = session.connect();
                    ended.await();
                });
        assertThat(reports).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatOneTaskClosesEndsTheReceiveOfAnother(ServerKind kind) throws Exception {
        var ends = new LinkedBlockingQueue<Throwable>();
        serve(
                kind,
                client -> TaskGroup.<Exception>run(group -> {
                    Task<String> receiving = group.fork(() -> {
                        try {
                            return client.receive();
                        } catch (IOException e) {
                            ends.add(e);
                            return "";
                        }
                    });
                    Blocked.await(receiving);
                    client.close();
                }),
                session -> {
                    session.connect();
                    assertThat(ends.take()).isExactlyInstanceOf(ClosedResourceException.class);
                });
        assertThat(reports).isEmpty();
    }

    // -- failures

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void aHandlerThatFailsIsReportedOnceAndConcernsNoOther(ServerKind kind) throws Exception {
        serve(
                kind,
                client -> client.forEach(line -> {
                    if (line.equals("fail")) {
                        throw new Exception("as told");
                    }
                    client.send(line);
                }),
                session -> {
                    PacketClient<String, String> good = session.connect();
                    assertThat(ask(good, "before")).isEqualTo("before");
                    PacketClient<String, String> bad = session.connect();
                    bad.send("fail");
                    assertThatThrownBy(bad::receive).isInstanceOf(IOException.class);
                    assertThat(reports.take())
                            .isExactlyInstanceOf(Exception.class)
                            .hasMessage("as told");
                    assertThat(ask(good, "after")).isEqualTo("after");
                    assertThat(ask(session.connect(), "new")).isEqualTo("new");
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void anErrorOfAHandlerAndOneOfTheReporterAreNoReasonToStop() throws Exception {
        PacketServerOptions failing = options.withFailureReporter((connection, failure) -> {
            throw new IllegalStateException("the reporter too");
        });
        serve(
                ServerKind.MEMORY,
                failing,
                client -> {
                    if (client.receive().equals("fail")) {
                        throw new StackOverflowError("as told");
                    }
                    client.send("fine");
                },
                session -> {
                    session.connect().send("fail");
                    assertThat(ask(session.connect(), "go on")).isEqualTo("fine");
                });
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void aMalformedPacketIsOfferedToTheHandlerAndTheNextOneIsServed(ServerKind kind) throws Exception {
        serve(
                kind,
                client -> client.forEach(
                        client::send, malformed -> client.send("malformed after " + malformed.consumed())),
                session -> {
                    ByteStream client = session.connectRaw();
                    client.send(new byte[] {'a', '\n', (byte) 0xff, 'x', '\n', 'b', '\n'});
                    String answers = "a\nmalformed after 3\nb\n";
                    assertThat(new String(BufferedByteStream.over(client).receiveExactly(answers.length()), UTF_8))
                            .isEqualTo(answers);
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void aMalformedPacketThatLeavesTheHandlerEndsTheClientAndIsReportedOnce() throws Exception {
        serve(ServerKind.MEMORY, PacketServing::echo, session -> {
            ByteStream client = session.connectRaw();
            client.send(new byte[] {(byte) 0xff, '\n', 'b', '\n'});
            assertThatThrownBy(client::receive).isExactlyInstanceOf(EndOfStreamException.class);
            assertThat(reports.take()).isExactlyInstanceOf(MalformedPacketException.class);
        });
        assertThat(reports).isEmpty();
    }

    @Test
    void aCodecThatCrashesIsToldToTheHandlerWhichMayGoOn() throws Exception {
        Converter<String, String> numbers = Converter.of(
                line -> line, line -> line.isEmpty() ? Objects.requireNonNull(line.isBlank() ? null : line) : line);
        StreamProtocol<String, String> crashing = StreamProtocol.of(Lines.utf8().converted(numbers));
        MemoryListener listener = MemoryListener.open();
        try (var server = PacketServer.over(listener, crashing, options)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(client -> {
                    try {
                        client.receive();
                    } catch (PacketProtocolException e) {
                        client.send("crashed");
                    }
                    echo(client);
                }));
                try (var client = PacketClient.connect(listener.connector(), LINES)) {
                    assertThat(ask(client, "")).isEqualTo("crashed");
                    assertThat(ask(client, "next")).isEqualTo("next");
                }
                server.drain(ofSeconds(20));
            });
        }
        assertThat(reports).isEmpty();
    }

    @Test
    void aHandshakeThatFailsIsReportedAndNoHandlerCalled() throws Exception {
        serve(ServerKind.TLS, PacketServing::echo, session -> {
            InetSocketAddress address = (InetSocketAddress) session.server.localAddress();
            try (TcpStream noTls = Tcp.connect("127.0.0.1", address.getPort());
                    TcpStream stalled = Tcp.connect("127.0.0.1", address.getPort())) {
                noTls.send("hello\n".getBytes(UTF_8));
                assertThat(reports.take()).isInstanceOf(IOException.class);
                assertThat(ask(session.connect(), "others are served")).isEqualTo("others are served");
                assertThat(stalled).isNotNull();
            }
            assertThat(reports.take()).isExactlyInstanceOf(BrokenResourceException.class); // the stalled one
        });
        assertThat(reports).isEmpty();
    }

    @Test
    void aClientThatResetsBeforeItIsAcceptedDisturbsNobody() throws Exception {
        try (var listener = Tcp.listen("127.0.0.1", 0);
                var server = PacketServer.over(listener, LINES, options)) {
            int port = listener.localAddress().getPort();
            TcpStream early = Tcp.connect("127.0.0.1", port);
            early.setOption(StandardSocketOptions.SO_LINGER, 0);
            early.close();
            TaskGroup.run(group -> {
                group.fork(() -> server.serve(PacketServing::echo));
                try (var client = PacketClient.connect(Tcp.connector("127.0.0.1", port), LINES)) {
                    assertThat(ask(client, "served")).isEqualTo("served");
                }
                server.drain(ofSeconds(20));
            });
        }
        assertThat(reports).allMatch(BrokenResourceException.class::isInstance).hasSizeLessThan(2);
    }

    @Test
    void aListenerWithoutDescriptorsIsWaitedFor() throws Exception {
        VirtualTime.<Exception>run(time -> {
            MemoryListener listener = MemoryListener.open();
            IOException tooMany = new IOException("Too many open files");
            listener.failNextAccepts(tooMany, tooMany, tooMany);
            try (var server = PacketServer.over(listener, LINES, options)) {
                TaskGroup.<Exception>run(group -> {
                    group.fork(() -> server.serve(PacketServing::echo));
                    Task<String> asking = group.fork(() -> {
                        try (var client = PacketClient.connect(listener.connector(), LINES)) {
                            return ask(client, "at last");
                        }
                    });
                    until(() -> {
                        time.advance(ofSeconds(1)); // each pause
                        return asking.status() == Task.Status.FINISHED;
                    });
                    assertThat(asking.join()).isEqualTo("at last");
                    server.drain(ofSeconds(20));
                });
            }
        });
        assertThat(reports).isEmpty();
    }

    // -- one call of serve

    @Test
    void aSecondCallIsRefusedAndDoesNotDisturbTheFirst() throws Exception {
        serve(ServerKind.MEMORY, PacketServing::echo, session -> {
            Blocked.await(session.serving);
            assertThatThrownBy(() -> session.server.serve(PacketServing::echo))
                    .isExactlyInstanceOf(BusyResourceException.class);
            assertThat(ask(session.connect(), "still")).isEqualTo("still");
        });
    }

    @Test
    void aServerThatIsClosedServesNobody() throws Exception {
        MemoryListener listener = MemoryListener.open();
        var server = PacketServer.over(listener, LINES, options);
        server.close();
        server.close();
        assertThatThrownBy(() -> server.serve(PacketServing::echo)).isExactlyInstanceOf(ClosedResourceException.class);
        server.drain(ofSeconds(1));
        assertThatThrownBy(() -> server.serve(PacketServing::echo)).isExactlyInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(() -> listener.connector().connect()).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aServeThatIsCancelledCanBeRepeated(ServerKind kind) throws Exception {
        ServerKind.Place place = kind.open(folder);
        try (var server = PacketServer.over(place.listener(), LINES, options)) {
            for (int i = 0; i < 3; i++) {
                TaskGroup.<Exception>run(group -> {
                    MoveOnScope scope = CancelScope.create();
                    Task<Boolean> serving = group.fork(() -> scope.run(() -> server.serve(PacketServing::echo)));
                    try (var client = PacketClient.connect(place.connector(), LINES)) {
                        assertThat(ask(client, "hello")).isEqualTo("hello");
                        scope.cancel();
                        assertThat(serving.join()).isFalse();
                        assertThatThrownBy(client::receive).isInstanceOf(IOException.class);
                    }
                });
            }
        }
        assertThat(reports).isEmpty();
    }

    @Test
    void limitsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> PacketServerOptions.defaults().withMaxConnections(0))
                .isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PacketServerOptions.defaults().withIdleTimeout(ofSeconds(0)))
                .isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PacketServerOptions.defaults().withWriteTimeout(ofSeconds(-1)))
                .isExactlyInstanceOf(IllegalArgumentException.class);
    }
}

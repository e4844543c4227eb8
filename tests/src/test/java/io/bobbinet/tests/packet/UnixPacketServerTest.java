package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.packet.DatagramClient;
import io.bobbinet.packet.DatagramHandler;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.DatagramServer;
import io.bobbinet.packet.DatagramServerOptions;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketHandler;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.packet.PacketServerOptions;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.Descriptors;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers whose peers are on the same machine, and send open files. */
@OnEachBackend(having = {Capability.DESCRIPTORS, Capability.UNIX_DATAGRAM})
@DisplayName("UnixPacketServerTest")
@Timeout(30)
class UnixPacketServerTest {
    private static final DatagramProtocol<String, String> TEXTS = DatagramProtocol.of(Lines.utf8());

    private final LinkedBlockingQueue<Throwable> reports = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();

    private final PacketServerOptions options =
            PacketServerOptions.defaults().withFailureReporter((connection, failure) -> reports.add(failure));

    private final DatagramServerOptions datagramOptions = DatagramServerOptions.defaults()
            .withMessages()
            .withFailureReporter((connection, failure) -> reports.add(failure));

    @TempDir
    private Path folder;

    private Descriptor file(String content) throws IOException {
        Path file = Files.writeString(folder.resolve(content), content);
        return Descriptor.open(file, StandardOpenOption.READ);
    }

    private static ControlMessage rights(Descriptor... descriptors) {
        return new ControlMessage.Rights(List.of(descriptors));
    }

    private static String content(Descriptor descriptor) throws IOException {
        try (InputStream file = descriptor.asInputStream()) {
            return new String(file.readAllBytes(), UTF_8);
        }
    }

    // -- streams

    private interface Dialogue {
        void with(PacketClient<String, String> client) throws Exception;
    }

    private void serve(PacketHandler<String, String> handler, Dialogue dialogue) throws Exception {
        Path path = folder.resolve("server");
        var listener = Unix.binder(path).withDeleteOnClose().listen();
        try (var server = PacketServer.over(listener.withDescriptors(), PacketServing.LINES, options)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(handler));
                try (var client = PacketClient.connect(Unix.connector(path).withDescriptors(), PacketServing.LINES)) {
                    dialogue.with(client);
                }
                server.drain(ofSeconds(20));
            });
        }
    }

    @Test
    @Tag("smoke")
    void descriptorsComeWithTheirPacketsInALoop() throws Exception {
        serve(
                client -> client.forEachMessage(
                        message -> {
                            String text = message.packet();
                            for (Descriptor descriptor : message.descriptors()) {
                                text += " " + content(descriptor);
                            }
                            client.send(text);
                        },
                        malformed -> client.send("malformed")),
                client -> {
                    try (Descriptor one = file("one");
                            Descriptor two = file("two")) {
                        client.sendMessage("first", rights(one));
                        client.send("second");
                        client.sendMessage("third", rights(one, two));
                    }
                    assertThat(client.receive()).isEqualTo("first one");
                    assertThat(client.receive()).isEqualTo("second");
                    assertThat(client.receive()).isEqualTo("third  two"); // one has been read to its end
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void whatTheHandlerDoesNotTakeIsClosedWhateverItEndsBy() throws Exception {
        Descriptors before = Descriptors.now();
        var sent = new CountDownLatch(1);
        serve(
                client -> {
                    sent.await();
                    client.receive();
                    try (var message = client.receiveMessage()) {
                        throw new Exception("as told with " + message.packet());
                    }
                },
                client -> {
                    try (Descriptor one = file("one")) {
                        for (int i = 0; i < 4; i++) {
                            client.sendMessage("line " + i, rights(one));
                        }
                    }
                    sent.countDown();
                    assertThatThrownBy(() -> client.forEach(line -> {})).isInstanceOf(IOException.class);
                });
        assertThat(reports.take()).hasMessage("as told with line 1");
        assertThat(Descriptors.now().openedSince(before)).isEmpty();
    }

    @Test
    void aServerSendsDescriptorsAndKnowsWhoItsPeerIs() throws Exception {
        serve(
                client -> {
                    events.add(client.peerCredentials().pid());
                    try (Descriptor one = file("one")) {
                        client.sendMessage("here", rights(one));
                    }
                },
                client -> {
                    try (var message = client.receiveMessage()) {
                        assertThat(content(message.descriptors().getFirst())).isEqualTo("one");
                    }
                });
        assertThat(events.take()).hasToString("" + ProcessHandle.current().pid());
        assertThat(reports).isEmpty();
    }

    @Test
    void descriptorsAreRefusedWhereTheListenerHasNone() throws Exception {
        Path path = folder.resolve("server");
        try (var server =
                PacketServer.over(Unix.binder(path).withDeleteOnClose().listen(), PacketServing.LINES, options)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(client -> {
                    try {
                        client.receiveMessage().close();
                    } catch (UnsupportedOperationException e) {
                        client.send("unsupported");
                        client.send(client.receive());
                    }
                }));
                try (var client = PacketClient.connect(Unix.connector(path), PacketServing.LINES)) {
                    client.send("hello");
                    assertThat(client.receive()).isEqualTo("unsupported");
                    assertThat(client.receive()).isEqualTo("hello");
                }
                server.drain(ofSeconds(20));
            });
        }
        assertThat(reports).isEmpty();
    }

    // -- datagrams

    private interface Exchange {
        void with(DatagramClient<String, String> client, DatagramServer<String, String> server) throws Exception;
    }

    private void serveDatagrams(DatagramHandler<String, String> handler, Exchange exchange) throws Exception {
        Path path = folder.resolve("server");
        var socket = UnixDatagram.binder(path).withDeleteOnClose().bind();
        try (var server = DatagramServer.over(socket, TEXTS, datagramOptions)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(handler));
                try (var client = DatagramClient.connect(UnixDatagram.connector(path), TEXTS)) {
                    exchange.with(client, server);
                }
                server.drain(ofSeconds(20));
            });
        }
    }

    @Test
    @Tag("smoke")
    void descriptorsComeAndGoWithDatagrams() throws Exception {
        serveDatagrams(
                peer -> peer.forEachMessage(
                        message -> {
                            Descriptor descriptor = message.descriptors().getFirst();
                            peer.sendMessage(message.packet(), rights(descriptor));
                        },
                        malformed -> peer.send("malformed")),
                (client, server) -> {
                    try (Descriptor one = file("one")) {
                        client.sendMessage("have it back", rights(one));
                    }
                    try (var message = client.receiveMessage()) {
                        assertThat(message.packet()).isEqualTo("have it back");
                        assertThat(content(message.descriptors().getFirst())).isEqualTo("one");
                    }
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void descriptorsThatNobodyTakesAreClosed() throws Exception {
        Descriptors before = Descriptors.now();
        serveDatagrams(
                peer -> {
                    switch (peer.receive()) {
                        case "fail" -> throw new Exception("as told");
                        case "take" ->
                            peer.send(
                                    content(peer.receiveMessage().descriptors().getFirst()));
                        default -> peer.send("default");
                    }
                },
                (client, server) -> {
                    try (Descriptor one = file("one")) {
                        for (String line : List.of("hello", "fail", "take", "the second", "fail")) {
                            client.sendMessage(line, rights(one));
                        }
                    }
                    assertThat(client.receive()).isEqualTo("default");
                    assertThat(client.receive()).isEqualTo("one");
                    assertThat(reports.take()).hasMessage("as told");
                    assertThat(reports.take()).hasMessage("as told");
                });
        assertThat(Descriptors.now().openedSince(before)).isEmpty();
        assertThat(reports).isEmpty();
    }

    @Test
    void descriptorsThatWaitWhenTheServingEndsOrFindNoRoomAreClosed() throws Exception {
        Descriptors before = Descriptors.now();
        Path path = folder.resolve("server");
        var socket = UnixDatagram.binder(path).withDeleteOnClose().bind();
        try (var server = DatagramServer.over(socket, TEXTS, datagramOptions.withMaxQueued(3))) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(peer -> {
                    peer.receive();
                    new CountDownLatch(1).await();
                }));
                try (var client = DatagramClient.connect(UnixDatagram.connector(path), TEXTS);
                        Descriptor one = file("one")) {
                    for (int i = 0; i < 10; i++) {
                        client.sendMessage("line " + i, rights(one));
                    }
                    PacketServing.until(() -> server.dropped() >= 6);
                }
                server.drain(ZERO);
            });
        }
        assertThat(Descriptors.now().openedSince(before)).isEmpty();
        assertThat(reports).isEmpty();
    }

    @Test
    void noMoreDescriptorsWaitForAllHandlersThanMay() throws Exception {
        Descriptors before = Descriptors.now();
        var permit = new CountDownLatch(1);
        serveDatagrams(
                peer -> {
                    peer.send(peer.receive());
                    permit.await();
                    peer.forEach(line -> peer.send(line), malformed -> {});
                },
                (client, server) -> {
                    client.send("first");
                    assertThat(client.receive()).isEqualTo("first");
                    var other = UnixDatagram.connector(folder.resolve("server"));
                    try (Descriptor one = file("one");
                            var second = DatagramClient.connect(other, TEXTS)) {
                        var many = new ControlMessage.Rights(Collections.nCopies(253, one));
                        client.sendMessage("many", many);
                        client.sendMessage("as many", many);
                        client.sendMessage("too many", rights(one));
                        second.sendMessage("too many", rights(one));
                        second.send("none");
                        assertThat(second.receive()).isEqualTo("none");
                        assertThat(server.dropped()).isEqualTo(2);
                        permit.countDown();
                        assertThat(client.receive()).isEqualTo("many");
                        assertThat(client.receive()).isEqualTo("as many");
                        client.sendMessage("one", rights(one));
                        assertThat(client.receive()).isEqualTo("one");
                    }
                });
        assertThat(Descriptors.now().openedSince(before)).isEmpty();
        assertThat(reports).isEmpty();
    }

    @Test
    @Tag("smoke")
    void eachDatagramOfASenderWithoutANameHasAHandlerThatCannotAnswer() throws Exception {
        serveDatagrams(
                peer -> {
                    events.add(peer.receive() + peer.address());
                    try {
                        peer.send("answer");
                    } catch (SocketException e) {
                        events.add(e.getMessage());
                    }
                    try {
                        peer.receive();
                    } catch (EndOfStreamException e) {
                        events.add("end");
                        throw e;
                    }
                },
                (client, server) -> {
                    try (var nameless = UnixDatagram.open()) {
                        for (int i = 0; i < 3; i++) {
                            nameless.send(("n" + i).getBytes(UTF_8), (UnixAddress) server.localAddress());
                            assertThat(events.take()).isEqualTo("n" + i + "Optional.empty");
                            assertThat((String) events.take()).contains("has no name");
                            assertThat(events.take()).isEqualTo("end");
                        }
                    }
                });
        assertThat(reports).isEmpty();
    }

    @Test
    void aFailureOfTheHandlerOfANamelessSenderIsReportedAsItIs() throws Exception {
        serveDatagrams(
                peer -> {
                    if (peer.receive().equals("fail")) {
                        throw new IllegalStateException("as told");
                    }
                    peer.send("fine");
                },
                (client, server) -> {
                    try (var nameless = UnixDatagram.open()) {
                        nameless.send("fail".getBytes(UTF_8), (UnixAddress) server.localAddress());
                    }
                    assertThat(reports.take())
                            .isExactlyInstanceOf(IllegalStateException.class)
                            .hasMessage("as told");
                    client.send("go on");
                    assertThat(client.receive()).isEqualTo("fine");
                });
        assertThat(reports).isEmpty();
    }
}

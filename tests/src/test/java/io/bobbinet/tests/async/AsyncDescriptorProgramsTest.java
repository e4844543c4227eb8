package io.bobbinet.tests.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.examples.packets.AsyncReceivingDescriptors;
import io.bobbinet.examples.packets.AsyncSending;
import io.bobbinet.examples.packets.AsyncSocketBelow;
import io.bobbinet.examples.packets.Data;
import io.bobbinet.jackson.Json;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs of EasyNetwork's page that are about what UNIX sockets alone have, in their asynchronous form. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("AsyncDescriptorProgramsTest")
@Timeout(30)
class AsyncDescriptorProgramsTest {
    private static final StreamProtocol<Data, Data> PROTOCOL = StreamProtocol.of(Json.lines(Data.class));
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private Path file;
    private AsyncPacketClient<Data, Data> client;
    private PacketClient<Data, Data> server;

    @BeforeEach
    void connect() throws IOException {
        file = Files.writeString(folder.resolve("file"), "content");
        Path path = folder.resolve("socket");
        try (var listener = Unix.listen(path)) {
            client = AsyncPacketClient.of(Unix.connector(path).withDescriptors(), PROTOCOL);
            assertThat(client.connect()).succeedsWithin(LONG);
            server = PacketClient.over(listener.withDescriptors().accept(), PROTOCOL);
        }
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    private void sendFiles(int count) throws IOException {
        try (var opened = Descriptor.open(file)) {
            server.sendMessage(new Data(7), new ControlMessage.Rights(Collections.nCopies(count, opened)));
        }
    }

    @Test
    void aFileGoesWithAPacket() throws IOException {
        assertThat(AsyncSending.sendWithFile(client, file)).succeedsWithin(LONG);
        try (var message = server.receiveMessage();
                var received = message.descriptors().getFirst().asInputStream()) {
            assertThat(message.packet()).isEqualTo(new Data(42));
            assertThat(received).hasContent("content");
        }
    }

    @Test
    void controlMessagesOfAnyKindAreTold() throws IOException {
        client.socket().setOption(LinuxOptions.SO_PASSCRED, true);
        sendFiles(1);
        var peer = client.peerCredentials();
        assertThat(AsyncReceivingDescriptors.receive(client))
                .succeedsWithin(LONG)
                .satisfies(lines -> assertThat(lines)
                        .hasSize(3)
                        .startsWith("Received packet: Data[data=7]")
                        .anyMatch(line -> line.startsWith("Received file: Descriptor["))
                        .contains("Received credential: " + peer));
    }

    @Test
    void manyDescriptorsNeedNoSize() throws IOException {
        sendFiles(128);
        assertThat(AsyncReceivingDescriptors.receiveMany(client))
                .succeedsWithin(LONG)
                .isEqualTo("Received packet: Data[data=7] and 128 files");
    }

    @Test
    void thePeerIsToldByProcessUserAndGroup() throws IOException {
        assertThat(AsyncSocketBelow.credentials(client))
                .startsWith("pid=" + ProcessHandle.current().pid() + ", user=");
    }

    @Test
    void anOptionOfTheSocketIsSet() throws IOException {
        assertThat(AsyncSocketBelow.withoutProbes(client)).isFalse();
    }
}

package io.bobbinet.tests.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.packets.Data;
import io.bobbinet.examples.packets.ReceivingDescriptors;
import io.bobbinet.examples.packets.Sending;
import io.bobbinet.examples.packets.SocketBelow;
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
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs of EasyNetwork's page that are about what UNIX sockets alone have. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("PacketDescriptorProgramsTest")
@Timeout(30)
class PacketDescriptorProgramsTest {
    private static final StreamProtocol<Data, Data> PROTOCOL = StreamProtocol.of(Json.lines(Data.class));

    @TempDir
    private Path folder;

    private Path file;
    private PacketClient<Data, Data> client;
    private PacketClient<Data, Data> server;

    @BeforeEach
    void connect() throws IOException {
        file = Files.writeString(folder.resolve("file"), "content");
        Path path = folder.resolve("socket");
        try (var listener = Unix.listen(path)) {
            client = PacketClient.connect(Unix.connector(path).withDescriptors(), PROTOCOL);
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
        Sending.sendWithFile(client, file);
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
        assertThat(ReceivingDescriptors.receive(client))
                .hasSize(3)
                .startsWith("Received packet: Data[data=7]")
                .anyMatch(line -> line.startsWith("Received file: Descriptor["))
                .contains("Received credential: " + client.peerCredentials());
    }

    @Test
    void manyDescriptorsNeedNoSize() throws IOException {
        sendFiles(128);
        assertThat(ReceivingDescriptors.receiveMany(client)).isEqualTo("Received packet: Data[data=7] and 128 files");
        sendFiles(253);
        assertThat(ReceivingDescriptors.receiveMany(client)).isEqualTo("Received packet: Data[data=7] and 253 files");
    }

    @Test
    void thePeerIsToldByProcessUserAndGroup() throws IOException {
        var uid = Files.getAttribute(file, "unix:uid");
        var gid = Files.getAttribute(file, "unix:gid");
        assertThat(SocketBelow.credentials(client))
                .isEqualTo("pid=" + ProcessHandle.current().pid() + ", user=" + uid + ", group=" + gid);
    }

    @Test
    void anOptionOfTheSocketIsSet() throws IOException {
        assertThat(SocketBelow.withoutProbes(client)).isFalse();
    }
}

package io.bobbinet.tests.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.PacketExamples;
import io.bobbinet.examples.PacketExamples.ShortTexts;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixListener;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of packets with descriptors do what they say. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("PacketDescriptorExamplesTest")
@Timeout(30)
class PacketDescriptorExamplesTest {
    private static final StreamProtocol<String, String> TEXTS = StreamProtocol.of(new ShortTexts());

    @TempDir
    private Path folder;

    @Test
    void whatCameBesideAPacketIsDescribed() throws IOException {
        Path path = Files.writeString(folder.resolve("lent"), "content");
        try (UnixListener listener = Unix.listen(folder.resolve("socket"));
                var client = PacketClient.connect(
                        Unix.connector(folder.resolve("socket")).withDescriptors(), TEXTS);
                var server = PacketClient.over(listener.withDescriptors().accept(), TEXTS);
                Descriptor file = Descriptor.open(path)) {
            server.socket().setOption(LinuxOptions.SO_PASSCRED, true);
            client.sendMessage("a file", new ControlMessage.Rights(List.of(file)));
            assertThat(PacketExamples.describe(server))
                    .containsExactly("a file", "1 descriptors", "from [" + client.peerCredentials() + "]");
        }
    }
}

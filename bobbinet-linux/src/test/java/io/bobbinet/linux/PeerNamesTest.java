package io.bobbinet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.spi.Capability;
import io.bobbinet.spi.HandlePair;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerNamesTest {
    private final LinuxBackend backend = new LinuxBackend();

    @Test
    void thePeerIsWhoOwnsOurFiles(@TempDir Path folder) throws IOException {
        PosixFileAttributes file =
                Files.readAttributes(Files.createFile(folder.resolve("file")), PosixFileAttributes.class);
        HandlePair pair = backend.openPair();
        assertThat(backend.capabilities()).contains(Capability.PEER_NAMES);
        assertThat(pair.first().supportedOptions()).contains(ExtendedSocketOptions.SO_PEERCRED);
        UnixDomainPrincipal peer = pair.first().getOption(ExtendedSocketOptions.SO_PEERCRED);
        assertThat(peer.user()).isEqualTo(file.owner());
        assertThat(peer.user().getName()).isEqualTo(file.owner().getName());
        assertThat(peer.group()).isEqualTo(file.group());
        assertThat(peer.group().getName()).isEqualTo(file.group().getName());
        pair.first().close();
        pair.second().close();
    }

    @Test
    void numbersWithoutANameAreNamedByTheNumber() throws IOException {
        UnixDomainPrincipal peer = ExtendedOptions.names(new ProcessCredentials(1, 3_000_000_001L, 1_987_654_321));
        assertThat(peer.user().getName()).isEqualTo("3000000001");
        assertThat(peer.group().getName()).isEqualTo("1987654321");
    }

    @Test
    void thePeerCannotBeSet() throws IOException {
        HandlePair pair = backend.openPair();
        UnixDomainPrincipal peer = pair.first().getOption(ExtendedSocketOptions.SO_PEERCRED);
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> pair.first().setOption(ExtendedSocketOptions.SO_PEERCRED, peer))
                .withMessage("SO_PEERCRED can only be asked for");
        pair.first().close();
        pair.second().close();
    }

    @Test
    void whatIsNotConnectedHasNoPeer() throws IOException {
        StreamHandle stream = backend.openStream(StandardProtocolFamily.UNIX);
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(stream::peerCredentials)
                .withMessage("Transport endpoint is not connected");
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> stream.getOption(ExtendedSocketOptions.SO_PEERCRED));
        stream.close();
        ListenerHandle listener = backend.openListener(StandardProtocolFamily.UNIX);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> listener.getOption(ExtendedSocketOptions.SO_PEERCRED));
        assertThat(listener.supportedOptions()).doesNotContain(ExtendedSocketOptions.SO_PEERCRED);
        listener.close();
        StreamHandle tcp = backend.openStream(StandardProtocolFamily.INET);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> tcp.getOption(ExtendedSocketOptions.SO_PEERCRED));
        tcp.close();
    }

    @Test
    void theExtendedOptionsOfTcpWork() throws IOException {
        StreamHandle tcp = backend.openStream(StandardProtocolFamily.INET);
        assertThat(tcp.supportedOptions()).contains(ExtendedSocketOptions.TCP_KEEPIDLE);
        tcp.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 77);
        tcp.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 7);
        tcp.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
        assertThat(tcp.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(77);
        assertThat(tcp.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(7);
        assertThat(tcp.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(3);
        assertThat(tcp.getOption(ExtendedSocketOptions.SO_INCOMING_NAPI_ID)).isNotNegative();
        tcp.close();
    }
}

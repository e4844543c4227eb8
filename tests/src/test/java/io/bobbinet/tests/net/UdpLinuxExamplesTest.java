package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.UdpExamples;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of UDP that need a system that tells more than others do what they say. */
@OnEachBackend(having = Capability.DESTINATION_ADDRESS)
@DisplayName("UdpLinuxExamplesTest")
@Timeout(30)
class UdpLinuxExamplesTest {
    @Test
    void theAnswerComesFromTheAddressThatWasAsked() throws IOException {
        try (UdpSocket udp = UdpExamples.bindEverywhere(0);
                UdpSocket client = Udp.bind("127.0.0.1", 0)) {
            int port = udp.localAddress().getPort();
            client.send(bytes("who are you?"), "127.1.2.3", port);
            Datagram<InetSocketAddress> packet = udp.receive();
            assertThat(packet.destination()).hasValue(InetAddress.ofLiteral("127.1.2.3"));
            udp.send(packet.reply(bytes("that one")));
            assertThat(client.receive().peer()).hasValue(new InetSocketAddress("127.1.2.3", port));
        }
    }

    @Test
    void theTimeToLiveIsSet() throws IOException {
        try (UdpSocket udp = UdpExamples.openNear()) {
            assertThat(udp.option(LinuxOptions.IP_TTL)).isEqualTo(1);
        }
    }

    @Test
    void theLengthOfACutDatagramIsKnown() throws IOException {
        try (UdpSocket udp = Udp.bind("127.0.0.1", 0);
                UdpSocket sender = Udp.open()) {
            sender.send(bytes("0123456789"), udp.localAddress());
            assertThat(UdpExamples.begin(udp, 4)).isEqualTo("0123... of 10");
        }
    }
}

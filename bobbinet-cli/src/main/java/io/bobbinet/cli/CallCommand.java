package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.packet.DatagramClient;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.TimedOutException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bobbinet call}. */
@Command(
        name = "call",
        description = {
            "Connects, sends one packet, and prints the one that comes back.",
            "A datagram may be lost: its answer is waited for five seconds, or as long as --timeout says."
        })
final class CallCommand implements Callable<Integer> {
    private static final Duration DATAGRAM_WAIT = Duration.ofSeconds(5);

    @Parameters(
            index = "0",
            paramLabel = "URI",
            converter = EndpointConverter.class,
            description = "Where to connect to: " + EndpointConverter.FORMS + ".")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or complains
    private Endpoint endpoint;

    @Parameters(
            index = "1",
            paramLabel = "PACKET",
            description = "What to send: a line of text, or JSON for the codecs json, cbor and msgpack.")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or complains
    private String packet;

    @Mixin
    private PacketOptions packets = new PacketOptions();

    @Mixin
    private ConnectionOptions connections = new ConnectionOptions();

    @Mixin
    private TlsSettings tls = new TlsSettings.OfClient();

    @Mixin
    private TlsClientSettings verifying = new TlsClientSettings();

    @Override
    public Integer call() throws IOException {
        tls.check(List.of(endpoint));
        verifying.check(endpoint);
        callWith(packets.form().orElse(PacketForm.line()));
        return 0;
    }

    private <T> void callWith(PacketForm<T> form) throws IOException {
        T request = form.read(packet);
        T reply = DatagramSockets.isDatagram(endpoint) ? callDatagram(form, request) : callStream(form, request);
        new StandardLines().print(form.printer().apply(reply));
    }

    private <T> T callStream(PacketForm<T> form, T request) throws IOException {
        Target<ByteStream> target = StreamSockets.target(
                endpoint, connections.timeout(), tls.forClient(endpoint, verifying, connections.timeout()));
        List<T> replies = new ArrayList<>();
        try (ByteStream server = target.connect()) {
            connections.use(server, Meter.ofAll(), metered -> {
                var client = PacketClient.over(metered, form.onStreams());
                client.send(request);
                replies.add(client.receive());
            });
            return replies.getFirst();
        } catch (EndOfStreamException e) {
            throw new IOException(endpoint + " has ended the connection and sent no packet", e);
        } catch (MalformedPacketException e) {
            throw malformed(e);
        }
    }

    private <T> T callDatagram(PacketForm<T> form, T request) throws IOException {
        Duration wait = connections.timeout().orElse(DATAGRAM_WAIT);
        try (var peer = DatagramClient.over(DatagramSockets.target(endpoint).connect(), form.inDatagrams())) {
            peer.send(request);
            return peer.receive(wait);
        } catch (TimedOutException e) {
            throw new IOException("No packet came from " + endpoint + " within " + DurationConverter.format(wait), e);
        } catch (SocketException | FileSystemException e) {
            throw DatagramSockets.failure(endpoint, e);
        } catch (MalformedPacketException e) {
            throw malformed(e);
        }
    }

    private IOException malformed(MalformedPacketException e) {
        return new IOException("What came from " + endpoint + " is no packet: " + Complaints.describe(e), e);
    }
}

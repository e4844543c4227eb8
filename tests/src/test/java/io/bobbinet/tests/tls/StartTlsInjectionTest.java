package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.bytes;
import static io.bobbinet.tests.tls.TlsSides.drained;
import static io.bobbinet.tests.tls.TlsSides.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.tls.Tls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Plaintext that somebody has put behind the command which begins TLS, in the hope that it is taken for something that came
 * over TLS (CVE-2011-0411 and its like), and the honest reason why bytes may be there: a pipelined hello.
 */
@Timeout(30)
class StartTlsInjectionTest {
    private static final int LONGEST_LINE = 100;

    private final StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
    private final ByteStream peer = below.left();
    private final BufferedByteStream ours = BufferedByteStream.over(below.right());

    private static String line(BufferedByteStream stream) throws IOException {
        return text(stream.receiveUntil(bytes("\n"), LONGEST_LINE));
    }

    private static byte[] joined(byte[]... pieces) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            all.write(piece);
        }
        return all.toByteArray();
    }

    // -- a server, attacked by what stands before its client

    private void refusesAsServer(ThrowingConsumer<BufferedByteStream, IOException> upgrade) throws IOException {
        EnginePeer client = new EnginePeer(peer, false, TlsSides.TLS_1_3);
        peer.send(joined(bytes("STARTTLS\nRCPT TO: mallory\n"), client.handshakeAgain()));
        assertThat(line(ours)).isEqualTo("STARTTLS");

        assertThatThrownBy(() -> upgrade.accept(ours)).isInstanceOf(SSLException.class);

        assertThatThrownBy(() -> ours.receive()).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(() -> line(ours)).isInstanceOf(ClosedResourceException.class);
        assertThat(drained(peer)).as("an alert").startsWith(21, 3);
    }

    @Test
    @Tag("smoke")
    void aServerThatUpgradesItsBufferedStreamRefusesPlaintextBehindTheCommand() throws IOException {
        refusesAsServer(stream -> stream.upgrade(layer -> Tls.server(layer, TlsSides.server())));
    }

    @Test
    void aServerThatWrapsItsBufferedStreamRefusesPlaintextBehindTheCommand() throws IOException {
        refusesAsServer(stream -> Tls.server(stream, TlsSides.server()));
    }

    @Test
    void aServerRefusesPlaintextThatComesBetweenTheCommandAndTheHello() throws IOException {
        peer.send(bytes("STARTTLS\n"));
        assertThat(line(ours)).isEqualTo("STARTTLS");
        peer.send(bytes("RCPT TO: mallory\n"));
        peer.send(new EnginePeer(peer, false, TlsSides.TLS_1_3).handshakeAgain());

        assertThatThrownBy(() -> ours.upgrade(layer -> Tls.server(layer, TlsSides.server())))
                .isInstanceOf(SSLException.class);
        assertThatThrownBy(() -> ours.receive()).isInstanceOf(ClosedResourceException.class);
    }

    @Test
    void aLoopOverLinesNeverGivesThePlaintextBehindTheCommand() throws IOException {
        peer.send(bytes("EHLO me\nSTARTTLS\nRCPT TO: mallory\nDATA\n"));
        List<String> lines = new ArrayList<>();

        assertThatThrownBy(() -> ours.forEachDelimited(bytes("\n"), LONGEST_LINE, line -> {
                    lines.add(text(line));
                    if (text(line).equals("STARTTLS")) {
                        ours.upgrade(layer -> Tls.server(layer, TlsSides.server()));
                    }
                }))
                .isInstanceOf(SSLException.class);

        assertThat(lines).containsExactly("EHLO me", "STARTTLS");
    }

    // -- a client, attacked by what stands before its server

    private void refusesAsClient(ThrowingConsumer<BufferedByteStream, IOException> upgrade) throws IOException {
        peer.send(bytes("220 go ahead\n250 mallory is trusted\n"));
        assertThat(line(ours)).isEqualTo("220 go ahead");

        assertThatThrownBy(() -> upgrade.accept(ours)).isInstanceOf(SSLException.class);

        assertThatThrownBy(() -> ours.receive()).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(() -> line(ours)).isInstanceOf(ClosedResourceException.class);
    }

    @Test
    void aClientThatUpgradesItsBufferedStreamRefusesPlaintextBehindTheAnswer() throws IOException {
        refusesAsClient(stream -> stream.upgrade(layer -> Tls.client(layer, TlsSides.client())));
    }

    @Test
    void aClientThatWrapsItsBufferedStreamRefusesPlaintextBehindTheAnswer() throws IOException {
        refusesAsClient(stream -> Tls.client(stream, TlsSides.client()));
    }

    @Test
    void plaintextBehindTheHelloIsRefused() throws IOException {
        EnginePeer client = new EnginePeer(peer, false, TlsSides.TLS_1_3);
        peer.send(joined(bytes("STARTTLS\n"), client.handshakeAgain(), bytes("RCPT TO: mallory\n")));
        assertThat(line(ours)).isEqualTo("STARTTLS");

        assertThatThrownBy(() -> ours.upgrade(layer -> Tls.server(layer, TlsSides.server())))
                .isInstanceOf(SSLException.class);
        assertThatThrownBy(() -> ours.receive()).isInstanceOf(ClosedResourceException.class);
    }

    // -- the honest reason

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    @Tag("smoke")
    void aHelloPipelinedBehindTheCommandIsTaken(String version) throws IOException {
        TaskGroup.run(group -> {
            EnginePeer client = new EnginePeer(peer, false, version);
            peer.send(joined(bytes("EHLO me\nSTARTTLS\n"), client.handshakeAgain()));
            Task<String> server = group.fork(() -> {
                assertThat(line(ours)).isEqualTo("EHLO me");
                assertThat(line(ours)).isEqualTo("STARTTLS");
                assertThat(ours.buffered()).as("bytes of the hello").isPositive();
                ours.upgrade(layer -> Tls.server(layer, TlsSides.server(version)));
                assertThat(ours.buffered()).isZero();
                return line(ours);
            });
            client.handshaken().send("secret\n");
            assertThat(server.join()).isEqualTo("secret");
        });
        ours.close();
    }

    @Test
    void aHelloOfWhichAPartIsPipelinedIsTaken() throws IOException {
        TaskGroup.run(group -> {
            EnginePeer client = new EnginePeer(peer, false, TlsSides.TLS_1_3);
            byte[] hello = client.handshakeAgain();
            peer.send(joined(bytes("STARTTLS\n"), Arrays.copyOf(hello, 3)));
            Task<String> server = group.fork(() -> {
                assertThat(line(ours)).isEqualTo("STARTTLS");
                try (BufferedByteStream secure = BufferedByteStream.over(Tls.server(ours, TlsSides.server()))) {
                    return line(secure);
                }
            });
            peer.send(Arrays.copyOfRange(hello, 3, hello.length));
            client.handshaken().send("secret\n");
            assertThat(server.join()).isEqualTo("secret");
        });
    }
}

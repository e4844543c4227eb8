package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.bytes;
import static io.bobbinet.tests.tls.TlsSides.drained;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Peers that say something that is not TLS in place of a hello, and keep the connection open: they are not waited for.
 */
@Timeout(30)
class TlsGarbageTest {
    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static Stream<Arguments> garbage() {
        return Stream.of(
                Arguments.of("HTTP request", bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
                Arguments.of("HTTP answer", bytes("HTTP/1.1 400 Bad Request\r\n\r\n")),
                Arguments.of("one byte", bytes("x")),
                Arguments.of("line end", bytes("\r\n")),
                Arguments.of("zeros", new byte[100]),
                Arguments.of("header of zeros", new byte[5]),
                Arguments.of("ones", hex("ff ff ff ff ff ff")),
                Arguments.of("record of 65,535 bytes", hex("16 03 01 ff ff 01")),
                Arguments.of("record of 18,433 bytes", hex("16 03 03 48 01 01")),
                Arguments.of("record of TLS 4", hex("16 04 00 00 10 01")),
                Arguments.of("record of an unknown type", hex("19 03 03 00 01 00")),
                Arguments.of("empty record of the handshake", hex("16 03 03 00 00")),
                Arguments.of("data before the handshake", hex("17 03 03 00 04 61 62 63 64")),
                Arguments.of("change of ciphers before all", hex("14 03 03 00 01 01")),
                Arguments.of("unknown handshake message", hex("16 03 03 00 04 63 00 00 00")),
                Arguments.of("handshake message of 16 MB", hex("16 03 03 00 04 01 ff ff ff")),
                Arguments.of("hello of one byte", hex("16 03 03 00 05 01 00 00 01 03")));
    }

    @ParameterizedTest
    @MethodSource("garbage")
    @Tag("smoke")
    void aServerRefusesItAtOnceAndClosesTheStream(String name, byte[] garbage) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        below.left().send(garbage);

        assertThatThrownBy(() -> Tls.server(below.right(), TlsSides.server()))
                .as(name)
                .isInstanceOf(SSLException.class);

        assertFatalAlert(drained(below.left()));
        assertThatThrownBy(() -> below.right().receive()).isInstanceOf(ClosedResourceException.class);
    }

    /** RFC 8446, section 6. */
    private static void assertFatalAlert(byte[] told) {
        assertThat(told).as("an alert that is not encrypted").hasSize(7);
        assertThat(told[0]).as("type of the record").isEqualTo((byte) 21);
        assertThat(told[5]).as("level of the alert").isEqualTo((byte) 2);
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void aClientRefusesItAtOnceAndClosesTheStream(String name, byte[] garbage) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<Void> ours = group.fork(() -> {
                assertThatThrownBy(() -> Tls.client(below.left(), TlsSides.client()))
                        .as(name)
                        .isInstanceOf(SSLException.class);
            });
            below.right().receive(); // the hello
            below.right().send(garbage);
            ours.join();
        });

        assertFatalAlert(drained(below.right()));
    }

    @Test
    void randomBytesNeverMakeAHandshakeNorHangIt() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            byte[] noise = new byte[1 + random.nextInt(200)];
            random.nextBytes(noise);
            if (random.nextBoolean()) { // so that it gets a little further
                byte[] header = {22, 3, (byte) random.nextInt(5), 0, (byte) random.nextInt(100), 1, 0};
                System.arraycopy(header, 0, noise, 0, Math.min(noise.length, header.length));
            }
            StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
            below.left().send(noise);
            below.left().sendEof();
            assertThatThrownBy(() -> Tls.server(below.right(), TlsSides.server()))
                    .as("round %d of seed %d", i, seed)
                    .isInstanceOfAny(SSLException.class, BrokenResourceException.class);
            drained(below.left());
        }
    }

    @Test
    void aHelloCutAfterItsFirstByteIsABrokenConnection() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        below.left().send(new byte[] {22});
        below.left().sendEof();

        assertThatThrownBy(() -> Tls.server(below.right(), TlsSides.server()))
                .isExactlyInstanceOf(BrokenResourceException.class)
                .hasMessageContaining("handshake");
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, TLSv1.2", "TLSv1.2, TLSv1.3"})
    void bothSidesLearnThatThereIsNoCommonVersion(String ours, String theirs) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<Void> server = group.fork(() -> {
                assertThatThrownBy(() -> Tls.server(below.right(), TlsSides.server(ours)))
                        .isInstanceOf(SSLHandshakeException.class);
            });
            assertThatThrownBy(() -> Tls.client(below.left(), TlsSides.client(theirs)))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("protocol_version");
            server.join();
        });
    }

    @Test
    void anyCallAfterAFailedHandshakeFindsTheStreamClosed() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TlsStream stream = Tls.listener(new OneConnection(below.right()), TlsSides.server())
                .accept();
        below.left().send(bytes("HELO example.org\r\n"));

        assertThatThrownBy(() -> stream.receive()).isInstanceOf(SSLHandshakeException.class);

        assertThatThrownBy(() -> stream.receive()).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(() -> stream.send(new byte[1])).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(stream::sendEof).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(stream::handshake).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(stream::unwrap).isInstanceOf(ClosedResourceException.class);
        stream.close();
        stream.close();
    }
}

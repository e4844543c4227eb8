package io.bobbinet.tests.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.stream.Streams;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.Certificates;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsClientAuth;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What TLS adds to the contract of streams. */
@OnEachBackend
@DisplayName("TlsStreamTest")
@Timeout(30)
class TlsStreamTest {
    private static final TlsOptions OPTIONS = TlsPairs.OPTIONS;

    private static StreamPair<TlsStream> pair(String protocol) throws IOException {
        return TlsPairs.over(MemoryByteStream.pair(), OPTIONS.withProtocols(protocol));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static void closeBoth(StreamPair<? extends ByteStream> pair) throws IOException {
        pair.left().close();
        pair.right().close();
    }

    // -- what was agreed upon

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("smoke")
    void bothSidesTellTheSameOfTheSession(String protocol) throws IOException {
        var pair = pair(protocol);
        for (Attribute<?> same : List.of(
                TlsAttributes.PROTOCOL,
                TlsAttributes.CIPHER_SUITE,
                TlsAttributes.SERVER_NAME,
                TlsAttributes.SERVER_END_POINT_BINDING)) {
            assertThat(pair.left().find(same).isPresent())
                    .describedAs("%s", same)
                    .isTrue();
            assertThat((Object) pair.left().find(same).get())
                    .describedAs("%s", same)
                    .isEqualTo(pair.right().find(same).get());
        }
        assertThat(pair.left().find(TlsAttributes.PROTOCOL)).contains(protocol);
        assertThat(pair.left().find(TlsAttributes.SERVER_NAME)).contains("localhost");
        assertThat(pair.left().find(TlsAttributes.SERVER_SIDE)).contains(false);
        assertThat(pair.right().find(TlsAttributes.SERVER_SIDE)).contains(true);
        assertThat(pair.left().find(TlsAttributes.END)).contains(TlsEnd.STRICT);
        assertThat(pair.left().find(TlsAttributes.SESSION)).isPresent();
        assertThat(pair.left().find(TlsAttributes.PEER_CERTIFICATES))
                .isEqualTo(pair.right().find(TlsAttributes.LOCAL_CERTIFICATES));
        assertThat(pair.right().find(TlsAttributes.PEER_CERTIFICATES)).isEmpty();
        assertThat(pair.left().find(TlsAttributes.LOCAL_CERTIFICATES)).isEmpty();
        closeBoth(pair);
        assertThat(pair.left().find(TlsAttributes.PROTOCOL)).contains(protocol);
        assertThat(pair.left().find(TlsAttributes.PEER_CERTIFICATES)).isPresent();
    }

    @Test
    void attributesOfTheStreamBelowShineThrough() throws IOException {
        var pair = TlsPairs.overTcp(OPTIONS);
        assertThat(pair.left().find(SocketAttributes.PEER_ADDRESS))
                .isEqualTo(pair.right().find(SocketAttributes.LOCAL_ADDRESS))
                .isPresent();
        assertThat(BufferedByteStream.over(pair.left()).find(TlsAttributes.PROTOCOL))
                .contains("TLSv1.3");
        closeBoth(pair);
    }

    @Test
    void serverThatAsksForIt_KnowsTheCertificateOfTheClient() throws IOException {
        var alice = TlsPairs.AUTHORITY.issueClient("alice");
        TlsOptions client =
                OPTIONS.withIdentity(TlsIdentity.ofKeyStore(alice.keyStore(TlsPairs.PASSWORD), TlsPairs.PASSWORD));
        var pair = TlsPairs.over(MemoryByteStream.pair(), client, OPTIONS.withClientAuth(TlsClientAuth.NEED));
        assertThat(pair.right()
                        .find(TlsAttributes.PEER_CERTIFICATES)
                        .orElseThrow()
                        .getFirst())
                .isEqualTo(alice.certificate());
        assertThat(pair.left()
                        .find(TlsAttributes.LOCAL_CERTIFICATES)
                        .orElseThrow()
                        .getFirst())
                .isEqualTo(alice.certificate());
        closeBoth(pair);
    }

    @Test
    void serverChoosesTheProtocolByItsOwnPreference() throws IOException {
        var pair = TlsPairs.over(
                MemoryByteStream.pair(),
                OPTIONS.withAlpn("dummy1", "dummy2", "dummy3"),
                OPTIONS.withAlpn("dummy3", "other", "dummy2"));
        assertThat(pair.left().find(TlsAttributes.ALPN)).contains("dummy3");
        assertThat(pair.right().find(TlsAttributes.ALPN)).contains("dummy3");
        closeBoth(pair);
        pair = TlsPairs.over(MemoryByteStream.pair(), OPTIONS, OPTIONS.withAlpn("h2"));
        assertThat(pair.left().find(TlsAttributes.ALPN)).isEmpty();
        assertThat(pair.right().find(TlsAttributes.ALPN)).isEmpty();
        closeBoth(pair);
    }

    @Test
    void exporterBindingIsAnotherForEachConnection() throws IOException {
        var one = pair("TLSv1.3");
        var other = pair("TLSv1.3");
        assertThat(one.left().find(TlsAttributes.EXPORTER_BINDING).orElseThrow())
                .hasSize(32)
                .isEqualTo(one.right().find(TlsAttributes.EXPORTER_BINDING).orElseThrow())
                .isNotEqualTo(other.left().find(TlsAttributes.EXPORTER_BINDING).orElseThrow());
        closeBoth(one);
        closeBoth(other);
    }

    @Test
    void exporterBindingIsNoneBeforeTls13_WhereResumedConnectionsShareASession() throws IOException {
        var pair = pair("TLSv1.2");
        assertThat(pair.left().find(TlsAttributes.EXPORTER_BINDING)).isEmpty();
        closeBoth(pair);
    }

    // -- records

    @Test
    void receiveSplitsRecordsAndKeepsTheRest() throws IOException {
        var pair = pair("TLSv1.3");
        pair.left().send(bytes("foobar"));
        assertThat(pair.right().receive(2)).isEqualTo(bytes("fo"));
        assertThat(pair.right().receive()).isEqualTo(bytes("obar"));
        closeBoth(pair);
    }

    @Test
    void smallRecordsThatHaveArrivedComeTogether() throws IOException {
        var pair = pair("TLSv1.3");
        for (int i = 0; i < 10; i++) {
            pair.left().send(bytes("message " + i + "\n"));
        }
        ByteBuffer target = ByteBuffer.allocate(1000);
        assertThat(pair.right().receive(target)).isEqualTo(100);
        closeBoth(pair);
    }

    /** How many records have arrived. */
    private static int records(ByteStream below) throws IOException {
        ByteBuffer ciphertext = ByteBuffer.allocate(100_000);
        below.receive(ciphertext);
        ciphertext.flip();
        int count = 0;
        while (ciphertext.hasRemaining()) {
            count++;
            int size = Short.toUnsignedInt(ciphertext.getShort(ciphertext.position() + 3));
            ciphertext.position(ciphertext.position() + 5 + size);
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendOfManyBuffersIsOfFewRecords(boolean direct) throws IOException {
        var below = MemoryByteStream.pair(100_000);
        var pair = TlsPairs.over(below, OPTIONS);
        pair.right().send(bytes("tickets go before it"));
        pair.left().receive();
        byte[] data = new byte[40_000];
        new Random(7).nextBytes(data);
        ByteBuffer[] sources = new ByteBuffer[400];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = direct ? ByteBuffer.allocateDirect(100) : ByteBuffer.allocate(100);
            sources[i].put(data, 100 * i, 100).flip();
        }
        pair.left().send(sources);
        assertThat(records(below.right())).isEqualTo(3); // of at most 16 KiB each
        assertThat(Arrays.stream(sources).allMatch(source -> !source.hasRemaining()))
                .isTrue();
        closeBoth(pair);
    }

    @Test
    void emptySendSendsNothing() throws IOException {
        var below = MemoryByteStream.pair();
        var pair = TlsPairs.over(below, OPTIONS);
        pair.left().send(new byte[0]);
        pair.left().send();
        pair.left().send(bytes("x"));
        assertThat(records(below.right())).isEqualTo(1);
        closeBoth(pair);
    }

    @Test
    void directBuffersAndSlicesReceiveAsOthersDo() throws IOException {
        var pair = pair("TLSv1.3");
        byte[] data = new byte[100_000];
        new Random(8).nextBytes(data);
        TaskGroup.run(group -> {
            group.fork(() -> pair.left().send(data));
            ByteBuffer direct = ByteBuffer.allocateDirect(50_000);
            while (direct.hasRemaining()) {
                pair.right().receive(direct);
            }
            byte[] array = new byte[60_000];
            ByteBuffer slice = ByteBuffer.wrap(array, 5_000, 50_000).slice();
            while (slice.hasRemaining()) {
                pair.right().receive(slice);
            }
            byte[] first = new byte[50_000];
            direct.flip().get(first);
            assertThat(first).isEqualTo(Arrays.copyOf(data, 50_000));
            assertThat(Arrays.copyOfRange(array, 5_000, 55_000)).isEqualTo(Arrays.copyOfRange(data, 50_000, 100_000));
            assertThat(array[4_999]).isZero();
            assertThat(array[55_000]).isZero();
        });
        closeBoth(pair);
    }

    // -- ends

    @Test
    void afterTheEndOfThePeerWeMayStillSend() throws IOException {
        var pair = pair("TLSv1.3");
        pair.left().sendEof();
        pair.left().sendEof();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> pair.right().receive()).isInstanceOf(EndOfStreamException.class);
        }
        pair.right().send(bytes("still here"));
        assertThat(pair.left().receive()).isEqualTo(bytes("still here"));
        assertThatThrownBy(() -> pair.left().send(bytes("x")))
                .isInstanceOf(ClosedResourceException.class)
                .hasMessageContaining("sendEof");
        closeBoth(pair);
    }

    @Test
    void beforeTls13ThereIsNoHalfClose() throws IOException {
        var pair = pair("TLSv1.2");
        assertThatThrownBy(() -> pair.left().sendEof())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("TLSv1.2");
        pair.left().send(bytes("as before"));
        assertThat(pair.right().receive()).isEqualTo(bytes("as before"));
        pair.right().send(bytes("both ways"));
        assertThat(pair.left().receive()).isEqualTo(bytes("both ways"));
        closeBoth(pair);
    }

    @Test
    void beforeTls13TheEndOfThePeerEndsTheSendingToo() throws IOException {
        var pair = pair("TLSv1.2");
        pair.left().close();
        assertThatThrownBy(() -> pair.right().receive()).isInstanceOf(EndOfStreamException.class);
        assertThatThrownBy(() -> pair.right().send(bytes("x"))).isInstanceOf(BrokenResourceException.class);
        pair.right().close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void closeIsAnEndForThePeerAndClosedForUs(String protocol) throws IOException {
        var pair = pair(protocol);
        pair.left().send(bytes("last words"));
        pair.left().close();
        pair.left().close();
        assertThat(pair.right().receive()).isEqualTo(bytes("last words"));
        assertThatThrownBy(() -> pair.right().receive()).isInstanceOf(EndOfStreamException.class);
        assertThatThrownBy(() -> pair.left().receive()).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(() -> pair.left().send(bytes("x"))).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(() -> pair.left().handshake()).isInstanceOf(ClosedResourceException.class);
        pair.right().close();
    }

    @Test
    void closeIgnoresWhatThePeerHasSentAndNobodyReceived() throws IOException {
        var pair = pair("TLSv1.3");
        pair.right().send(bytes("unread"));
        pair.left().close();
        assertThatThrownBy(() -> pair.right().receive()).isInstanceOf(EndOfStreamException.class);
        pair.right().close();
    }

    @Test
    void closeWinsOverABlockedReceive() throws IOException {
        var pair = pair("TLSv1.3");
        TaskGroup.run(group -> {
            Task<?> receive = group.fork(
                    () -> assertThatThrownBy(() -> pair.left().receive()).isInstanceOf(ClosedResourceException.class));
            Blocked.await(receive);
            pair.left().close();
        });
        assertThatThrownBy(() -> pair.right().receive()).isInstanceOf(EndOfStreamException.class);
        pair.right().close();
    }

    @Test
    void twoSidesMayCloseAtTheSameTime() throws IOException {
        for (int i = 0; i < 20; i++) {
            var pair = pair(i % 2 == 0 ? "TLSv1.3" : "TLSv1.2");
            TaskGroup.run(group -> {
                group.fork(() -> pair.left().close());
                group.fork(() -> pair.right().close());
            });
        }
    }

    @Test
    void closeInACancelledScopeDoesNotWait_AndThePeerSeesACut() throws IOException {
        var pair = pair("TLSv1.3");
        var scope = CancelScope.create();
        scope.run(() -> {
            scope.cancel();
            pair.left().close();
        });
        assertThatThrownBy(() -> pair.right().receive()).isInstanceOf(BrokenResourceException.class);
        pair.right().close();
    }

    @Test
    void relayOfTls12KeepsTheOtherDirectionOpen() throws IOException {
        var near = MemoryByteStream.pair();
        var secure = pair("TLSv1.2");
        TaskGroup.run(group -> {
            group.fork(() -> {
                Streams.relay(near.right(), secure.left());
                secure.left().close();
                near.right().close();
            });
            near.left().send(bytes("question"));
            near.left().sendEof();
            assertThat(secure.right().receive()).isEqualTo(bytes("question"));
            secure.right().send(bytes("answer"));
            assertThat(near.left().receive()).isEqualTo(bytes("answer"));
            secure.right().close();
            assertThatThrownBy(() -> near.left().receive()).isInstanceOf(EndOfStreamException.class);
        });
        near.left().close();
    }

    /** A number that is missing would make the peer refuse all that follows, and break our receiving. */
    @Test
    void recordOfACancelledSendGoesBeforeWhatIsSaidLater() throws IOException {
        var below = MemoryByteStream.pair();
        GateStream gate = new GateStream(below.left());
        var pair = TlsPairs.over(new StreamPair<>(gate, below.right()), OPTIONS);
        TaskGroup.run(group -> {
            gate.shut();
            Task<?> send = group.fork(() -> assertThatThrownBy(() -> pair.left().send(bytes("cut off")))
                    .isInstanceOf(CancelledException.class));
            Blocked.await(send);
            send.cancel("enough");
        });
        gate.open();
        below.right()
                .send(new byte[] {23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
                });
        assertThatThrownBy(() -> pair.left().receive()).isInstanceOf(BrokenResourceException.class);
        assertThat(pair.right().receive()).isEqualTo(bytes("cut off"));
        assertThatThrownBy(() -> pair.right().receive())
                .isInstanceOf(BrokenResourceException.class)
                .hasMessageContaining("Received fatal alert: bad_record_mac");
        assertThatThrownBy(() -> pair.left().sendEof()).isInstanceOf(BrokenResourceException.class);
        closeBoth(pair);
    }

    // -- unwrap

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void unwrapGivesThePlainStreamBackWithWhatCameBehind(String protocol) throws IOException {
        var pair = pair(protocol);
        TaskGroup.run(group -> {
            Task<BufferedByteStream> other = group.fork(() -> {
                BufferedByteStream plain = pair.right().unwrap();
                plain.send(bytes("plain again"));
                return plain;
            });
            BufferedByteStream plain = pair.left().unwrap();
            assertThat(plain.receive()).isEqualTo(bytes("plain again"));
            plain.send(bytes("here too"));
            assertThat(other.join().receive()).isEqualTo(bytes("here too"));
            assertThatThrownBy(() -> pair.left().receive())
                    .isInstanceOf(ClosedResourceException.class)
                    .hasMessageContaining("unwrap");
            pair.left().close(); // closes nothing
            plain.send(bytes("and on"));
            assertThat(other.join().receive()).isEqualTo(bytes("and on"));
            plain.close();
            other.join().close();
        });
    }

    @Test
    void unwrapOfABufferedStreamGivesTheVeryStream() throws IOException {
        var below = MemoryByteStream.pair();
        BufferedByteStream left = BufferedByteStream.over(below.left());
        var pair = TlsPairs.over(new StreamPair<>(left, below.right()), OPTIONS);
        TaskGroup.run(group -> {
            group.fork(() -> pair.right().unwrap().close());
            assertThat(pair.left().unwrap()).isSameAs(left);
        });
        left.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void unwrapDiscardsWhatWasNotReceived(String protocol) throws IOException {
        var pair = pair(protocol);
        pair.right().send(bytes("unread"));
        TaskGroup.run(group -> {
            group.fork(() -> pair.right().unwrap());
            pair.left().unwrap();
        });
        closeBoth(new StreamPair<>(pair.left(), pair.right()));
    }

    @Test
    void cancelledUnwrapMayBeCalledAgain() throws IOException {
        var pair = pair("TLSv1.3");
        assertThat(CancelScope.moveOnAfter(ofSeconds(0)).run(() -> pair.left().unwrap()))
                .isFalse();
        TaskGroup.run(group -> {
            var waiting = group.fork(() -> {
                var scope = CancelScope.create();
                return scope.call(() -> pair.left().unwrap()).isEmpty();
            });
            Blocked.await(waiting);
            waiting.cancel("enough");
        });
        TaskGroup.run(group -> {
            group.fork(() -> pair.right().unwrap().close());
            pair.left().unwrap().close();
        });
    }

    @Test
    void unwrapOfAStreamThatEndedLenientlyIsBrokenToo() throws IOException {
        var below = MemoryByteStream.pair();
        var pair = TlsPairs.over(below, OPTIONS.withEnd(TlsEnd.LENIENT));
        below.right().close();
        assertThatThrownBy(() -> pair.left().receive()).isInstanceOf(EndOfStreamException.class);
        assertThatThrownBy(() -> pair.left().unwrap()).isInstanceOf(BrokenResourceException.class);
        pair.left().close();
    }

    @Test
    void unwrapOfACutConnectionIsBroken() throws IOException {
        var below = MemoryByteStream.pair();
        var pair = TlsPairs.over(below, OPTIONS);
        below.right().close();
        assertThatThrownBy(() -> pair.left().unwrap()).isInstanceOf(BrokenResourceException.class);
        pair.left().close();
    }

    // -- failures of the handshake

    @Test
    void certificateForAnotherNameIsRefusedByNameAndTheServerIsTold() throws IOException {
        var below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            group.fork(() -> assertThatThrownBy(() -> Tls.server(below.right(), OPTIONS))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("certificate_unknown"));
            assertThatThrownBy(() -> Tls.client(below.left(), OPTIONS.withServerName("example.org")))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("example.org");
        });
        assertThatThrownBy(() -> below.left().send(bytes("x"))).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(() -> below.right().send(bytes("x"))).isInstanceOf(ClosedResourceException.class);
    }

    @Test
    void authorityThatIsNotTrustedIsToldWithTheWayOut() throws IOException {
        var stranger = Certificates.authority("Stranger");
        var below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            group.fork(() -> assertThatThrownBy(() -> Tls.server(below.right(), OPTIONS))
                    .isInstanceOf(SSLHandshakeException.class));
            TlsOptions client = TlsOptions.defaults()
                    .withTrust(TlsTrust.ofKeyStore(stranger.trustStore()))
                    .withServerName("localhost");
            assertThatThrownBy(() -> Tls.client(below.left(), client))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("TlsOptions.withTrust");
        });
    }

    @Test
    void alertOfATls13ClientIsToldByItsName() throws IOException {
        var below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            group.fork(() -> assertThatThrownBy(() -> Tls.server(below.right(), OPTIONS))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("unknown_ca")
                    .hasMessageContaining("does not trust"));
            // What OpenSSL does: a fatal alert in plain text in the place of the client's Finished.
            below.left().send(helloOfAClient());
            below.left().receive();
            below.left().send(new byte[] {21, 3, 3, 0, 2, 2, 48});
        });
        below.left().close();
    }

    private static byte[] helloOfAClient() throws IOException {
        var below = MemoryByteStream.pair();
        return TaskGroup.<byte[], IOException>call(group -> {
            Task<?> client = group.fork(() -> assertThatThrownBy(() -> Tls.client(below.left(), OPTIONS))
                    .isInstanceOf(BrokenResourceException.class));
            byte[] hello = below.right().receive();
            below.right().close();
            client.join();
            return hello;
        });
    }

    @Test
    void withoutACommonVersionBothSidesFail() throws IOException {
        var below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            group.fork(() -> assertThatThrownBy(() -> Tls.server(below.right(), OPTIONS.withProtocols("TLSv1.3")))
                    .isInstanceOf(SSLHandshakeException.class));
            assertThatThrownBy(() -> Tls.client(below.left(), OPTIONS.withProtocols("TLSv1.2")))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("protocol_version");
        });
    }

    @Test
    void withoutACommonProtocolOfApplicationsBothSidesFail() throws IOException {
        var below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            group.fork(() -> assertThatThrownBy(() -> Tls.server(below.right(), OPTIONS.withAlpn("a")))
                    .isInstanceOf(SSLHandshakeException.class));
            assertThatThrownBy(() -> Tls.client(below.left(), OPTIONS.withAlpn("b")))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("no_application_protocol");
        });
    }

    @Test
    void addressIsMatchedAgainstTheAddressesOfTheCertificate() throws IOException {
        closeBoth(TlsPairs.over(MemoryByteStream.pair(), OPTIONS.withServerName("127.0.0.1")));
        var below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            group.fork(() -> assertThatThrownBy(() -> Tls.server(below.right(), OPTIONS))
                    .isInstanceOf(SSLHandshakeException.class));
            assertThatThrownBy(() -> Tls.client(below.left(), OPTIONS.withServerName("127.0.0.2")))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("127.0.0.2");
        });
    }
}

package io.bobbinet.tests.tls;

import static io.bobbinet.testkit.StreamTrait.BACK_PRESSURE;
import static io.bobbinet.testkit.StreamTrait.HALF_CLOSE;
import static io.bobbinet.testkit.StreamTrait.SEES_PEER_GONE;
import static io.bobbinet.testkit.StreamTrait.SHOWS_CUT;
import static io.bobbinet.testkit.StreamTrait.WAITS;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.ByteStreamContract;
import io.bobbinet.testkit.HostileStreams;
import io.bobbinet.testkit.StreamTrait;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsOptions;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** The contract of byte streams, over TLS. */
@OnEachBackend
@DisplayName("TlsContractTest")
@Timeout(60)
class TlsContractTest {
    private static final StreamTrait[] TLS_1_3 = {WAITS, BACK_PRESSURE, HALF_CLOSE, SHOWS_CUT, SEES_PEER_GONE};
    private static final StreamTrait[] TLS_1_2 = {WAITS, BACK_PRESSURE, SHOWS_CUT, SEES_PEER_GONE};
    private static final TlsOptions OLD = TlsPairs.OPTIONS.withProtocols("TLSv1.2");

    private static Stream<DynamicTest> tests(ByteStreamContract contract) {
        return contract.checks().stream().map(check -> DynamicTest.dynamicTest(check.name(), check::run));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> overMemory() {
        return tests(ByteStreamContract.of(() -> TlsPairs.over(MemoryByteStream.pair(), TlsPairs.OPTIONS))
                .having(TLS_1_3)
                .knowing(TlsAttributes.PROTOCOL, TlsAttributes.CIPHER_SUITE));
    }

    @TestFactory
    Stream<DynamicTest> overNarrowMemory() {
        return tests(ByteStreamContract.of(() -> TlsPairs.over(MemoryByteStream.pair(6000), TlsPairs.OPTIONS))
                .having(TLS_1_3)
                .transferring(50_000));
    }

    @TestFactory
    Stream<DynamicTest> ofTheVersionBefore() {
        return tests(ByteStreamContract.of(() -> TlsPairs.over(MemoryByteStream.pair(), OLD))
                .having(TLS_1_2));
    }

    @TestFactory
    Stream<DynamicTest> overRandomChunks() {
        return tests(ByteStreamContract.of(() -> {
                    var pair = MemoryByteStream.pair();
                    return TlsPairs.over(
                            new StreamPair<>(
                                    HostileStreams.randomChunks(pair.left(), 1),
                                    HostileStreams.oneByteAtATime(pair.right())),
                            TlsPairs.OPTIONS);
                })
                .having(TLS_1_3)
                .transferring(20_000));
    }

    @TestFactory
    Stream<DynamicTest> buffered() {
        return tests(ByteStreamContract.of(() -> {
                    var pair = TlsPairs.over(MemoryByteStream.pair(), TlsPairs.OPTIONS);
                    return new StreamPair<>(
                            BufferedByteStream.over(pair.left()), BufferedByteStream.over(pair.right()));
                })
                .having(TLS_1_3));
    }

    @TestFactory
    Stream<DynamicTest> twice() {
        return tests(ByteStreamContract.of(
                        () -> TlsPairs.over(TlsPairs.over(MemoryByteStream.pair(), TlsPairs.OPTIONS), TlsPairs.OPTIONS))
                .having(TLS_1_3));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> overTcp() {
        return tests(ByteStreamContract.of(() -> TlsPairs.overTcp(TlsPairs.OPTIONS))
                .having(TLS_1_3)
                .knowing(SocketAttributes.LOCAL_ADDRESS, SocketAttributes.PEER_ADDRESS, TlsAttributes.SESSION));
    }
}

package io.bobbinet.tests.net;

import static io.bobbinet.testkit.StreamTrait.BACK_PRESSURE;
import static io.bobbinet.testkit.StreamTrait.HALF_CLOSE;
import static io.bobbinet.testkit.StreamTrait.SEES_PEER_GONE;
import static io.bobbinet.testkit.StreamTrait.WAITS;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.ByteStreamContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** A stream that passes descriptors is a stream like all others. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("DescriptorStreamContractTest")
@Timeout(60)
class DescriptorStreamContractTest {

    @TestFactory
    Stream<DynamicTest> contract() {
        return ByteStreamContract.of(() -> {
                    StreamPair<UnixDescriptorStream> pair = OpenFiles.pair();
                    return new StreamPair<ByteStream>(pair.left(), pair.right());
                })
                .having(WAITS, BACK_PRESSURE, HALF_CLOSE, SEES_PEER_GONE)
                .knowing(SocketAttributes.LOCAL_ADDRESS, SocketAttributes.PEER_ADDRESS)
                .checks()
                .stream()
                .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
    }
}

package io.bobbinet.tests.stream;

import static io.bobbinet.testkit.StreamTrait.BACK_PRESSURE;
import static io.bobbinet.testkit.StreamTrait.HALF_CLOSE;
import static io.bobbinet.testkit.StreamTrait.SEES_PEER_GONE;
import static io.bobbinet.testkit.StreamTrait.SHOWS_CUT;
import static io.bobbinet.testkit.StreamTrait.WAITS;
import static java.net.StandardSocketOptions.SO_RCVBUF;
import static java.net.StandardSocketOptions.SO_SNDBUF;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.ByteStreamContract;
import io.bobbinet.testkit.HostileStreams;
import io.bobbinet.testkit.StreamTrait;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contract, over sockets. */
@OnEachBackend
@DisplayName("SocketContractTest")
@Timeout(60)
class SocketContractTest {
    private static final StreamTrait[] TCP = {WAITS, BACK_PRESSURE, HALF_CLOSE, SHOWS_CUT, SEES_PEER_GONE};

    /** A UNIX socket cannot be reset. */
    private static final StreamTrait[] UNIX = {WAITS, BACK_PRESSURE, HALF_CLOSE, SEES_PEER_GONE};

    private static final int NARROW = 8192;

    private static Stream<DynamicTest> tests(ByteStreamContract contract) {
        return contract.checks().stream().map(check -> DynamicTest.dynamicTest(check.name(), check::run));
    }

    private static StreamPair<ByteStream> tcpPair() throws IOException {
        try (var listener = Tcp.listen("127.0.0.1", 0)) {
            return new StreamPair<>(
                    Tcp.connect("127.0.0.1", listener.localAddress().getPort()), listener.accept());
        }
    }

    /** With buffers so small that it takes little to fill or drain them. */
    private static StreamPair<ByteStream> narrowTcpPair() throws IOException {
        var binder = Tcp.binder("127.0.0.1", 0).withOption(SO_RCVBUF, NARROW);
        try (var listener = binder.listen()) {
            var connector = Tcp.connector("127.0.0.1", listener.localAddress().getPort())
                    .withOption(SO_RCVBUF, NARROW)
                    .withOption(SO_SNDBUF, NARROW);
            TcpStream near = connector.connect();
            TcpStream far = listener.accept();
            far.setOption(SO_SNDBUF, NARROW);
            return new StreamPair<>(near, far);
        }
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> tcp() {
        return tests(ByteStreamContract.of(SocketContractTest::tcpPair)
                .having(TCP)
                .knowing(SocketAttributes.LOCAL_ADDRESS, SocketAttributes.PEER_ADDRESS));
    }

    @TestFactory
    Stream<DynamicTest> bufferedTcp() {
        return tests(ByteStreamContract.of(() -> {
                    StreamPair<ByteStream> pair = narrowTcpPair();
                    return new StreamPair<>(
                            BufferedByteStream.over(pair.left()), BufferedByteStream.over(pair.right()));
                })
                .having(TCP)
                .knowing(SocketAttributes.PEER_ADDRESS));
    }

    @TestFactory
    Stream<DynamicTest> tcpInRandomChunks() {
        return tests(ByteStreamContract.of(() -> {
                    StreamPair<ByteStream> pair = narrowTcpPair();
                    return new StreamPair<>(
                            HostileStreams.randomChunks(pair.left(), 1), HostileStreams.oneByteAtATime(pair.right()));
                })
                .having(TCP)
                .transferring(50_000));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> unix(@TempDir Path folder) {
        return tests(ByteStreamContract.of(() -> {
                    Path path = folder.resolve("socket");
                    try (var listener = Unix.binder(path).withDeleteOnClose().listen()) {
                        return new StreamPair<ByteStream>(Unix.connect(path), listener.accept());
                    }
                })
                .having(UNIX)
                .knowing(SocketAttributes.LOCAL_ADDRESS, SocketAttributes.PEER_ADDRESS));
    }
}

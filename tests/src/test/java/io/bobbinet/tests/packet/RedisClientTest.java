package io.bobbinet.tests.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.examples.RedisClient;
import io.bobbinet.examples.RespCodec.Array;
import io.bobbinet.examples.RespCodec.Bulk;
import io.bobbinet.examples.RespCodec.Failure;
import io.bobbinet.examples.RespCodec.Int;
import io.bobbinet.examples.RespCodec.Nil;
import io.bobbinet.examples.RespCodec.Reply;
import io.bobbinet.examples.RespCodec.Simple;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.Unix;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.CancelScope;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example speaks with a real server, over TCP and over its UNIX socket. */
@OnEachBackend
@DisplayName("RedisClientTest")
@Timeout(60)
class RedisClientTest {
    private static RedisServer server;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        server = RedisServer.start(folder);
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    private static Connector<? extends ByteStream> tcp() {
        return Tcp.connector("127.0.0.1", server.port());
    }

    private static Connector<? extends ByteStream> unix() {
        return Unix.connector(server.socket());
    }

    @Test
    @Tag("smoke")
    void storesAndFindsOverTcp() throws IOException {
        storesAndFinds(tcp());
    }

    @Test
    void storesAndFindsOverItsUnixSocket() throws IOException {
        storesAndFinds(unix());
    }

    private static void storesAndFinds(Connector<? extends ByteStream> connector) throws IOException {
        try (RedisClient redis = RedisClient.connect(connector)) {
            assertThat(redis.call("FLUSHALL")).isEqualTo(new Simple("OK"));
            assertThat(redis.call("SET", "key", "a\r\nvalue ä")).isEqualTo(new Simple("OK"));
            assertThat(redis.call("GET", "key")).isEqualTo(Bulk.of("a\r\nvalue ä"));
            assertThat(redis.call("GET", "nothing")).isEqualTo(new Nil());
            assertThat(redis.call("SET", "empty", "")).isEqualTo(new Simple("OK"));
            assertThat(redis.call("GET", "empty")).isEqualTo(Bulk.of(""));
            assertThat(redis.call("RPUSH", "list", "a", "b")).isEqualTo(new Int(2));
            assertThat(redis.call("LRANGE", "list", "0", "-1"))
                    .isEqualTo(new Array(List.of(Bulk.of("a"), Bulk.of("b"))));
            assertThat(redis.call("LRANGE", "nothing", "0", "-1")).isEqualTo(new Array(List.of()));
        }
    }

    @Test
    void repliesOfAnyShapeAreUnderstood() throws IOException {
        try (RedisClient redis = RedisClient.connect(unix())) {
            assertThat(redis.call("EVAL", "return {1, {'a', {}, false}, {ok='fine'}, {err='ERR not so'}}", "0"))
                    .isEqualTo(new Array(List.of(
                            new Int(1),
                            new Array(List.of(Bulk.of("a"), new Array(List.of()), new Nil())),
                            new Simple("fine"),
                            new Failure("ERR not so"))));
            assertThat(redis.call("EVAL", "return -7", "0")).isEqualTo(new Int(-7));
            assertThat(redis.call("BLPOP", "nothing", "0.01")).isEqualTo(new Nil());
        }
    }

    @Test
    void bytesThatAreNoTextComeAsTheyAre() throws IOException {
        try (RedisClient redis = RedisClient.connect(unix())) {
            assertThat(redis.call("EVAL", "return '\\255\\0\\13'", "0")).isInstanceOfSatisfying(Bulk.class, bulk -> {
                assertThat(bulk.bytes().get(0)).isEqualTo((byte) 0xff);
                assertThat(bulk.bytes().get(2)).isEqualTo((byte) '\r');
                assertThat(bulk.bytes().remaining()).isEqualTo(3);
            });
        }
    }

    @Test
    void aMistakeIsAReplyAndTheNextCommandWorks() throws IOException {
        try (RedisClient redis = RedisClient.connect(tcp())) {
            assertThat(redis.call("NONSENSE"))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            error -> assertThat(error.message()).startsWith("ERR unknown command 'NONSENSE'"));
            assertThat(redis.call("PING")).isEqualTo(new Simple("PONG"));
            assertThatIllegalArgumentException().isThrownBy(redis::call);
            assertThat(redis.call("PING")).isEqualTo(new Simple("PONG"));
        }
    }

    @Test
    void thousandsOfCommandsArePipelinedOverTcp() throws IOException {
        pipelines(tcp());
    }

    @Test
    void thousandsOfCommandsArePipelinedOverItsUnixSocket() throws IOException {
        pipelines(unix());
    }

    /** Much more than the sockets hold: the replies must be taken while commands are still sent. */
    private static void pipelines(Connector<? extends ByteStream> connector) throws IOException {
        String value = "v".repeat(2000);
        List<List<String>> commands = new ArrayList<>();
        List<Reply> expected = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            commands.add(List.of("ECHO", i + value));
            expected.add(Bulk.of(i + value));
        }
        try (RedisClient redis = RedisClient.connect(connector)) {
            assertThat(redis.pipeline(commands)).isEqualTo(expected);
            assertThat(redis.call("DEL", "counter")).isInstanceOf(Int.class);
            assertThat(redis.pipeline(IntStream.range(0, 5_000)
                            .mapToObj(i -> List.of("INCR", "counter"))
                            .toList()))
                    .isEqualTo(IntStream.rangeClosed(1, 5_000)
                            .<Reply>mapToObj(Int::new)
                            .toList());
        }
    }

    /** A reply that was given up would be taken for that of the next command. */
    @Test
    void afterAReplyThatWasNotWaitedForTheClientIsClosed() throws IOException {
        try (RedisClient redis = RedisClient.connect(unix());
                RedisClient other = RedisClient.connect(unix())) {
            assertThat(redis.call("DEL", "queue")).isInstanceOf(Int.class);
            assertThat(CancelScope.moveOnAfter(Duration.ofMillis(20)).call(() -> redis.call("BLPOP", "queue", "0")))
                    .isEmpty();
            assertThat(other.call("RPUSH", "queue", "late")).isInstanceOf(Int.class);
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> redis.call("PING"));
        }
    }
}

package io.bobbinet.tests.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.SocketStream;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixListener;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** After a read that did not fill its buffer a backend may take the socket for empty, and must notice all that comes. */
@OnEachBackend
@DisplayName("ShortReadTest")
@Timeout(30)
final class ShortReadTest {
    /** What carries the bytes. */
    enum Transport {
        TCP,
        UNIX
    }

    @TempDir
    private Path folder;

    private SocketStream ours;
    private SocketStream theirs;

    private void open(Transport transport) throws IOException {
        if (transport == Transport.TCP) {
            try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
                ours = Tcp.connect("127.0.0.1", listener.localAddress().getPort());
                theirs = listener.accept();
            }
        } else {
            Path path = folder.resolve("socket");
            try (UnixListener listener = Unix.listen(path)) {
                ours = Unix.connect(path);
                theirs = listener.accept();
            }
        }
    }

    @AfterEach
    void close() throws IOException {
        ours.close();
        theirs.close();
    }

    private void readShort() throws IOException {
        theirs.send("short".getBytes(UTF_8));
        assertThat(receive(64)).isEqualTo("short");
    }

    private String receive(int max) throws IOException {
        return new String(ours.receive(max), UTF_8);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void isFollowedByWhatHadComeMeanwhile(Transport transport) throws IOException {
        open(transport);
        for (int i = 0; i < 100; i++) {
            readShort();
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        for (int i = 0; i < 100; i++) {
            theirs.send("ping".getBytes(UTF_8));
            buffer.clear();
            assertThat(ours.receive(buffer)).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isFollowedByWhatComesLater(Transport transport) throws Exception {
        open(transport);
        readShort();
        TaskGroup.run(group -> {
            Task<String> receiver = group.fork(() -> receive(64));
            Blocked.await(receiver);
            theirs.send("later".getBytes(UTF_8));
            assertThat(receiver.join()).isEqualTo("later");
        });
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void isFollowedByTheEndThatCameWithTheData(Transport transport) throws IOException {
        open(transport);
        theirs.send("last".getBytes(UTF_8));
        theirs.sendEof();
        assertThat(receive(64)).isEqualTo("last");
        assertThatThrownBy(() -> receive(64)).isInstanceOf(EndOfStreamException.class);
    }

    @ParameterizedTest
    @EnumSource(names = "TCP")
    void isFollowedByTheResetThatCameLater(Transport transport) throws IOException {
        open(transport);
        readShort();
        theirs.setOption(StandardSocketOptions.SO_LINGER, 0);
        theirs.close();
        assertThatThrownBy(() -> receive(64)).isInstanceOf(BrokenResourceException.class);
    }

    @ParameterizedTest
    @EnumSource
    void isFollowedByTheClose(Transport transport) throws Exception {
        open(transport);
        readShort();
        TaskGroup.run(group -> {
            Task<?> receiver = group.fork(() -> {
                assertThatThrownBy(() -> receive(64)).isInstanceOf(ClosedResourceException.class);
            });
            Blocked.await(receiver);
            ours.close();
        });
        assertThatThrownBy(() -> receive(64)).isInstanceOf(ClosedResourceException.class);
    }

    @ParameterizedTest
    @EnumSource
    void isFollowedByACancelThatLosesNothing(Transport transport) throws Exception {
        open(transport);
        readShort();
        TaskGroup.run(group -> {
            MoveOnScope scope = CancelScope.create();
            Task<Boolean> receiver = group.fork(() -> scope.run(() -> receive(64)));
            Blocked.await(receiver);
            scope.cancel();
            assertThat(receiver.join()).isFalse();
        });
        theirs.send("again".getBytes(UTF_8));
        assertThat(receive(64)).isEqualTo("again");
    }

    @ParameterizedTest
    @EnumSource
    void isFollowedByTheRestOfAFullBuffer(Transport transport) throws IOException {
        open(transport);
        readShort();
        theirs.send("abcdef".getBytes(UTF_8));
        assertThat(receive(3)).isEqualTo("abc");
        assertThat(receive(3)).isEqualTo("def");
        readShort();
    }
}

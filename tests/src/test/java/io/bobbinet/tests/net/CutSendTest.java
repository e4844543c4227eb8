package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A send that was cut off after a part of its bytes: nobody may take that part for the whole. */
@OnEachBackend
@DisplayName("CutSendTest")
@Timeout(30)
class CutSendTest {
    /** More than two socket buffers hold. */
    private static final int TOO_MUCH = 64 << 20;

    private static final Pattern COUNT = Pattern.compile("after (\\d+) of its " + TOO_MUCH + " bytes");

    private TcpPair pair;
    private TcpStream ours;

    @BeforeEach
    void open() throws IOException {
        pair = TcpPair.open();
        ours = pair.ours();
    }

    @AfterEach
    void close() throws IOException {
        pair.close();
    }

    @Test
    @Tag("smoke")
    void cancelledSendIsCutOff() throws Exception {
        TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> {
                assertFails(CancelledException.class, () -> ours.send(Numbered.bytes(0, TOO_MUCH)));
            });
            Blocked.await(sender);
            sender.cancel();
            sender.await();
        });
        checkCut();
    }

    @Test
    void timedOutSendIsCutOff() throws Exception {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> {
                assertFails(
                        TimedOutException.class,
                        () -> CancelScope.failAfter(Duration.ofSeconds(5))
                                .run(() -> ours.send(Numbered.bytes(0, TOO_MUCH))));
            });
            Blocked.await(sender);
            time.advance(Duration.ofSeconds(5));
            sender.join();
        }));
        checkCut();
    }

    @Test
    void interruptedSendIsCutOff() throws Exception {
        AtomicReference<Thread> thread = new AtomicReference<>();
        TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> {
                thread.set(Thread.currentThread());
                assertFails(InterruptedIOException.class, () -> ours.send(Numbered.bytes(0, TOO_MUCH)));
                assertThat(Thread.interrupted()).isTrue();
            });
            Blocked.await(sender);
            thread.get().interrupt();
            sender.join();
        });
        checkCut();
    }

    @Test
    void cancelledSendOfSeveralBuffersIsCutOff() throws Exception {
        ByteBuffer[] parts = {
            Numbered.buffer(0, 1_000),
            ByteBuffer.allocate(0),
            Numbered.buffer(1_000, 10_000),
            ByteBuffer.allocateDirect(TOO_MUCH - 11_000)
                    .put(Numbered.bytes(11_000, TOO_MUCH - 11_000))
                    .flip()
        };
        TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> ours.send(parts));
            Blocked.await(sender);
            sender.cancel();
            sender.await();
        });
        assertThat(parts[2].remaining()).isZero();
        assertThat(parts[3].position()).as("the buffer tells too").isEqualTo(checkCut() - 11_000);
    }

    /** Checks all that is promised of a send that was cut off; returns how many bytes went out. */
    private int checkCut() throws IOException {
        int count = told(() -> ours.send(bytes("more")));
        assertThat(count).isPositive().isLessThan(TOO_MUCH);
        assertThat(told(() -> ours.send(ByteBuffer.allocate(1), ByteBuffer.allocate(1))))
                .isEqualTo(count);
        assertThat(told(ours::sendEof)).isEqualTo(count);
        // All that was handed over arrives, and nothing behind it.
        byte[] arrived = pair.peer().getInputStream().readNBytes(count);
        assertThat(arrived).hasSize(count);
        Numbered.check(arrived, 0);
        pair.peerSends("still heard");
        assertThat(text(ours.receive())).isEqualTo("still heard");
        assertThat(pair.peer().getInputStream().available()).isZero();
        ours.close();
        assertThatThrownBy(() -> pair.peer().getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
        return count;
    }

    /** How many bytes a failure says went out. */
    private static int told(ThrowingRunnable<?> call) {
        AtomicReference<String> message = new AtomicReference<>("");
        assertFails(BrokenResourceException.class, call).satisfies(e -> message.set(String.valueOf(e.getMessage())));
        Matcher matcher = COUNT.matcher(message.get());
        assertThat(matcher.find()).as(message.get()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }
}

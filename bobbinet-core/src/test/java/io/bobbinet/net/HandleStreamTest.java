package io.bobbinet.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.EndOfStreamException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a stream makes of what its handle reports, in an order that sockets show rarely. */
@Timeout(30)
class HandleStreamTest {
    private static final byte[] END = {};

    private static FutureTask<Throwable> failureOf(CheckedRunnable body) {
        FutureTask<Throwable> task = new FutureTask<>(() -> {
            try {
                body.run();
                return new AssertionError("nothing was thrown");
            } catch (IOException e) {
                return e;
            }
        });
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private interface CheckedRunnable {
        void run() throws IOException;
    }

    @Test
    void anEndIsNotBelievedWhileASendMayKnowOfAReset() throws Exception {
        var writing = new CountDownLatch(1);
        var endSeen = new CountDownLatch(1);
        var reset = new CountDownLatch(1);
        TcpStream stream = TcpStream.over(new ScriptedHandle(
                () -> {
                    endSeen.countDown();
                    return END;
                },
                source -> {
                    writing.countDown();
                    reset.await();
                    throw new IOException("Connection reset");
                }));
        FutureTask<Throwable> sender = failureOf(() -> stream.send(new byte[1]));
        writing.await();
        FutureTask<Throwable> receiver = failureOf(() -> stream.receive());
        endSeen.await();
        for (int i = 0; i < 1000 && !receiver.isDone(); i++) {
            Thread.yield();
        }
        assertThat(receiver.isDone()).isFalse();
        reset.countDown();
        assertThat(receiver.get()).isInstanceOf(BrokenResourceException.class).hasMessageContaining("Connection reset");
        assertThat(sender.get()).isInstanceOf(BrokenResourceException.class);
    }

    @Test
    void anEndIsBelievedWhileASendWaitsForRoom() throws Exception {
        var room = new WaitPoint("write");
        TcpStream stream = TcpStream.over(new ScriptedHandle(() -> END, source -> {
            room.await();
            throw new IOException("Broken pipe");
        }));
        FutureTask<Throwable> sender = failureOf(() -> stream.send(new byte[1]));
        while (!room.isAwaited()) {
            Thread.yield();
        }
        assertThatThrownBy(() -> stream.receive()).isInstanceOf(EndOfStreamException.class);
        room.signal();
        assertThat(sender.get()).isInstanceOf(BrokenResourceException.class);
        assertThatThrownBy(() -> stream.receive()).isInstanceOf(EndOfStreamException.class);
    }

    @Test
    void anEndIsBelievedWhileASendGoesOn() throws Exception {
        var stop = new CountDownLatch(1);
        TcpStream stream = TcpStream.over(new ScriptedHandle(() -> END, source -> {
            if (stop.getCount() > 0) {
                return 1; // and the buffer is as full as before
            }
            source.get();
            return 1;
        }));
        FutureTask<Throwable> sender = failureOf(() -> stream.send(new byte[1]));
        assertThatThrownBy(() -> stream.receive()).isInstanceOf(EndOfStreamException.class);
        stop.countDown();
        assertThat(sender.get()).hasMessage("nothing was thrown");
    }

    @Test
    void aCloseInsideTheFirstWriteOfASendResets() throws Exception {
        var writing = new CountDownLatch(1);
        var closed = new CountDownLatch(1);
        var handle = new ScriptedHandle(() -> END, source -> {
            writing.countDown();
            closed.await();
            source.get();
            return 1;
        });
        TcpStream stream = TcpStream.over(handle);
        FutureTask<Throwable> sender = failureOf(() -> stream.send(new byte[2]));
        writing.await();
        stream.close();
        assertThat(handle.willReset()).isTrue();
        closed.countDown();
        sender.get();
    }

    @Test
    void aCloseAfterASendDoesNotReset() throws Exception {
        var handle = new ScriptedHandle(() -> END, source -> {
            source.get();
            return 1;
        });
        TcpStream stream = TcpStream.over(handle);
        stream.send(new byte[3]);
        stream.close();
        assertThat(handle.willReset()).isFalse();
    }

    @Test
    void aPeerAddressThatTheSystemDoesNotTellIsNoFailure() {
        TcpStream stream = TcpStream.over(new ScriptedHandle(() -> END, source -> 0));
        assertThat(stream.localAddress().getPort()).isEqualTo(1);
        assertThat(stream.peerAddress().getAddress().isAnyLocalAddress()).isTrue();
        assertThat(stream.peerAddress().getPort()).isZero();
    }
}

package io.bobbinet.tests.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Traffic must not keep other virtual threads from their carrier, even if there is one only. */
@OnEachBackend
@DisplayName("GoodNeighbourTest")
@Timeout(30)
class GoodNeighbourTest {
    private static final int ROUNDS = 1_500;
    private static final int PAUSE = 2_000;

    @Test
    @Tag("smoke")
    void whoIsWokenByAPlatformThreadRunsWhileMessagesComeAndGo() throws Exception {
        var call = new WaitPoint("wait for a call");
        var answers = new AtomicInteger();
        var traffic = new ArrayList<Thread>();
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                Socket client = new Socket(
                        InetAddress.ofLiteral("127.0.0.1"),
                        listener.localAddress().getPort());
                TcpStream server = listener.accept()) {
            TaskGroup.run(group -> {
                group.fork(() -> {
                    ByteBuffer buffer = ByteBuffer.allocate(64);
                    while (true) {
                        server.receive(buffer.clear());
                    }
                });
                group.fork(() -> {
                    while (true) {
                        call.await();
                        answers.incrementAndGet();
                    }
                });
                traffic.add(Thread.ofPlatform().daemon().start(() -> talk(client)));
                for (int i = 0; i < ROUNDS; i++) {
                    pause();
                    while (!call.isAwaited()) {
                        Thread.yield();
                    }
                    call.signal();
                    while (answers.get() == i) {
                        Thread.yield();
                    }
                }
                assertThat(answers).hasValue(ROUNDS);
                group.cancel("done");
            });
        }
        traffic.getFirst().join();
    }

    private static void pause() {
        for (int i = 0; i < PAUSE; i++) {
            Thread.onSpinWait();
        }
    }

    /** One byte after another, with pauses in which all of them are received. */
    private static void talk(Socket client) {
        try {
            client.setTcpNoDelay(true);
            OutputStream out = client.getOutputStream();
            while (true) {
                out.write(1);
                pause();
            }
        } catch (IOException e) {
            // The test has closed it.
        }
    }
}

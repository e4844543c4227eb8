package io.bobbinet.guards;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.testing.Descriptors;
import io.bobbinet.testing.LeakCheck;
import io.bobbinet.testing.LiveThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The leak check finds leaks, and is on. */
@Timeout(30)
final class LeakCheckTest {
    private final Descriptors descriptors = Descriptors.now();
    private final LiveThreads threads = LiveThreads.now();

    private List<String> leaks(Duration patience) {
        return LeakCheck.leaks(descriptors, threads, patience);
    }

    @Test
    @Tag("smoke")
    void watchesEveryClassUnasked() {
        assertThat(LeakCheck.isWatching(LeakCheckTest.class)).isTrue();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void namesASocket() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(leaks(Duration.ZERO))
                    .singleElement()
                    .asString()
                    .contains("socket:[", "local port " + socket.getLocalPort());
        }
        assertThat(leaks(Duration.ZERO)).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void namesAPipeAndAFile(@TempDir Path folder) throws IOException {
        Pipe pipe = Pipe.open();
        try (var source = pipe.source();
                var sink = pipe.sink();
                var file = Files.newOutputStream(folder.resolve("kept-open"))) {
            assertThat(leaks(Duration.ZERO))
                    .hasSize(3)
                    .anyMatch(l -> l.contains("pipe:["))
                    .anyMatch(l -> l.contains("kept-open"));
            assertThat(source.isOpen() && sink.isOpen() && file != null).isTrue();
        }
        assertThat(leaks(Duration.ZERO)).isEmpty();
    }

    @Test
    void namesAPlatformThreadAndWaitsForItsEnd() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().name("platform-stray").start(() -> awaitQuietly(end));
        try {
            assertThat(leaks(Duration.ZERO)).singleElement().asString().contains("platform thread", "platform-stray");
        } finally {
            end.countDown();
        }
        assertThat(leaks(Duration.ofSeconds(20))).isEmpty();
        thread.join();
    }

    @Test
    void namesAVirtualThreadWithItsStack() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = Thread.ofVirtual().start(() -> awaitQuietly(end));
        try {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.yield();
            }
            assertThat(leaks(Duration.ZERO)).singleElement().asString().contains("virtual thread", "awaitQuietly");
        } finally {
            end.countDown();
        }
        thread.join();
        assertThat(leaks(Duration.ofSeconds(20))).isEmpty();
    }

    private static void awaitQuietly(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

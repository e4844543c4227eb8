package io.bobbinet.tests.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Idle means idle: connections that wait for data wake nobody. */
@OnEachBackend
@DisplayName("IdleTest")
@Timeout(60)
final class IdleTest {
    private static final int CONNECTIONS = 1000;

    /** Real time, since it is real threads that must not wake in it. A poll every 100 ms would be seen. */
    private static final Duration WATCHED = Duration.ofSeconds(2);

    private static final int ALLOWED = 12;

    @Test
    void idleConnectionsWakeNobody() throws IOException {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/task")), "needs Linux's /proc to count wake-ups");
        TaskGroup.run(group -> {
            try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
                List<TcpStream> clients = new ArrayList<>();
                List<Task<?>> receivers = new ArrayList<>();
                for (int i = 0; i < CONNECTIONS; i++) {
                    clients.add(Tcp.connect("127.0.0.1", listener.localAddress().getPort()));
                    TcpStream server = listener.accept();
                    receivers.add(group.fork(() -> {
                        try (server) {
                            server.receive();
                        }
                    }));
                }
                receivers.forEach(Blocked::await);
                long woken = leastWakeUps();
                for (TcpStream client : clients) {
                    client.send(new byte[1]);
                    client.close();
                }
                assertThat(woken).isLessThan(ALLOWED);
            }
        });
    }

    /** The least of a few measurements: carriers that were started for the connections go away meanwhile. */
    private static long leastWakeUps() throws IOException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5 && least >= ALLOWED; i++) {
            long before = wakeUps();
            long end = System.nanoTime() + WATCHED.toNanos();
            for (long rest = WATCHED.toNanos(); rest > 0; rest = end - System.nanoTime()) {
                LockSupport.parkNanos(rest);
            }
            least = Math.min(least, wakeUps() - before);
        }
        return least;
    }

    /** How often the threads that carry, poll and keep time have gone to sleep, which is as often as they woke. */
    private static long wakeUps() throws IOException {
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                sum += wakeUps(task);
            }
        }
        return sum;
    }

    private static long wakeUps(Path task) throws IOException {
        try {
            String name = Files.readString(task.resolve("comm"));
            if (!name.startsWith("ForkJoinPool") && !name.contains("Poller") && !name.startsWith("bobbinet")) {
                return 0;
            }
            return Files.readAllLines(task.resolve("status")).stream()
                    .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (NoSuchFileException e) {
            return 0; // the thread has ended meanwhile
        }
    }
}

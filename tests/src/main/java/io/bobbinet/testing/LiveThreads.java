package io.bobbinet.testing;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The live threads of this JVM, platform and virtual, with their stacks. Read from a thread dump, the one public way to
 * see virtual threads that nobody told us of.
 */
public final class LiveThreads {
    /** A thread's first line in a plain dump: {@code #30 "name" virtual WAITING 2026-01-01T...}. */
    private static final Pattern HEAD = Pattern.compile("#(\\d+) \"(.*)\"( virtual)? \\w+ \\S+");

    private static final int SHOWN_FRAMES = 12;

    /** Threads that start when first needed and live as long as the JVM, or end when idle for a while. */
    private static final Pattern LASTING = Pattern.compile(String.join(
            "|",
            // The JVM and its libraries.
            "Reference Handler|Finalizer|Signal Dispatcher|Notification Thread|Attach Listener|Common-Cleaner",
            "Cleaner-\\d+|process reaper.*|JFR .*|C[12] CompilerThread\\d+",
            "MasterPoller|SubPoller-\\d+|Read-Poller.*|Write-Poller.*|VirtualThread-un(blocker|parker)\\d*",
            "ForkJoinPool-1-worker-\\d+|ForkJoinPool\\.commonPool.*|ForkJoinPool-1-delayScheduler",
            "CompletableFutureDelayScheduler",
            // Who runs the tests.
            "main|surefire-.*|junit-.*",
            // Ours.
            "bobbinet-(nio|linux)-\\d+|bobbinet-linux-(sentinel|waits)|bobbinet-timer"));

    private final Map<Long, Thread> threads;

    private LiveThreads(Map<Long, Thread> threads) {
        this.threads = threads;
    }

    private record Thread(String name, String description) {}

    /** {@return who lives now} */
    public static LiveThreads now() {
        try {
            Path folder = Files.createTempDirectory("threads");
            Path file = folder.resolve("dump");
            try {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
                return new LiveThreads(parse(Files.readAllLines(file)));
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new IllegalStateException("Cannot dump the threads", e);
        }
    }

    private static Map<Long, Thread> parse(List<String> dump) {
        Map<Long, Thread> threads = new LinkedHashMap<>();
        for (int i = 0; i < dump.size(); i++) {
            Matcher head = HEAD.matcher(dump.get(i));
            if (head.matches()) {
                StringBuilder text = new StringBuilder(head.group(3) == null ? "platform thread " : "virtual thread ");
                text.append('#')
                        .append(head.group(1))
                        .append(" \"")
                        .append(head.group(2))
                        .append('"');
                for (int f = i + 1; f <= i + SHOWN_FRAMES && f < dump.size(); f++) {
                    if (!dump.get(f).startsWith(" ")) {
                        break;
                    }
                    text.append("\n        ").append(dump.get(f).trim());
                }
                threads.put(Long.parseLong(head.group(1)), new Thread(head.group(2), text.toString()));
            }
        }
        return threads;
    }

    /**
     * {@return who lives here and did not before, with the top of its stack; without the threads that the JVM, JUnit and the
     * backends start once}
     *
     * @param before an earlier look
     */
    public List<String> startedSince(LiveThreads before) {
        List<String> started = new ArrayList<>();
        threads.forEach((id, thread) -> {
            boolean lasting = LASTING.matcher(thread.name).matches();
            if (!lasting && !before.threads.containsKey(id)) {
                started.add(thread.description);
            }
        });
        return started;
    }
}

package io.bobbinet.bench.peer;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The processor time that each thread of a process has had, user and system, in nanoseconds: from Linux's proc(5), and
 * to be taken while the threads rest, since the kernel adds up those that run only now and then.
 */
record CpuTime(Map<String, Long> threads) {

    static CpuTime of(long pid) throws IOException {
        Map<String, Long> threads = new HashMap<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks) {
                try {
                    String[] words = Files.readString(task.resolve("schedstat")).split(" ");
                    threads.put(task.getFileName().toString(), Long.parseLong(words[0]));
                } catch (NoSuchFileException e) {
                    // The thread has ended meanwhile.
                }
            }
        }
        return new CpuTime(threads);
    }

    /** {@return nanoseconds from then to now, without those of threads that have ended since} */
    long since(CpuTime before) {
        return threads.entrySet().stream()
                .mapToLong(e -> e.getValue() - before.threads.getOrDefault(e.getKey(), 0L))
                .sum();
    }
}

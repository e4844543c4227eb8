package io.bobbinet.testkit;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.SocketHandle;
import io.bobbinet.task.ThrowingCallable;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

/** What one check of a backend has around it: what to check, and everything it opens, closed afterwards. */
abstract sealed class Surroundings implements Closeable permits Setting, DatagramSetting {
    final Backend backend;

    /** Whether calls that block run on virtual threads. */
    final boolean virtual;

    final Random random;

    /** For the names of UNIX sockets. */
    final Path folder;

    /** Guarded by itself; last in, first out. */
    private final Deque<Closeable> opened = new ArrayDeque<>();

    /** Guarded by opened. */
    private int numbers;

    Surroundings(Backend backend, boolean virtual, long seed) throws IOException {
        this.backend = backend;
        this.virtual = virtual;
        this.random = new Random(seed);
        this.folder = Files.createTempDirectory("bn");
    }

    final <C extends Closeable> C keep(C resource) {
        synchronized (opened) {
            opened.push(resource);
        }
        return resource;
    }

    final <H extends SocketHandle> H keepHandle(H handle) {
        keep(handle::close);
        return handle;
    }

    /** A number that this has not given before. */
    final int nextNumber() {
        synchronized (opened) {
            return numbers++;
        }
    }

    /** Starts what uses the backend, on a thread of the kind that is checked. */
    final <T> Background<T> start(ThrowingCallable<T, ?> body) {
        return new Background<>(virtual, body);
    }

    /**
     * Starts what the check needs besides, on a platform thread: virtual threads that keep one another busy may starve
     * those that wait for the system.
     */
    final <T> Background<T> startAside(ThrowingCallable<T, ?> body) {
        return new Background<>(false, body);
    }

    @Override
    public final void close() throws IOException {
        while (true) {
            Closeable last;
            synchronized (opened) {
                last = opened.poll();
            }
            if (last == null) {
                break;
            }
            last.close();
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}

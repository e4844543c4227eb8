package io.bobbinet.testing;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails a test class that leaves a descriptor open or a thread running, and names them. JUnit finds it as a service, so
 * it watches every class and none can forget it.
 *
 * <p>What ends in the background, such as a peer's process or a task that was cancelled, gets some time to do so. Nested
 * classes are watched as part of the class around them. Classes must not run in parallel within one JVM.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long LONGEST_PAUSE = 50_000_000;
    private static final Namespace NAMESPACE = Namespace.create(LeakCheck.class);
    private static final Set<Class<?>> WATCHED = ConcurrentHashMap.newKeySet();

    /** For {@link java.util.ServiceLoader}. */
    public LeakCheck() {
        try {
            // The JDK opens one socket for itself with the first channel, and keeps it.
            SocketChannel.open().close();
            ServerSocketChannel.open().close();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot open a socket", e);
        }
    }

    private record Before(Descriptors descriptors, LiveThreads threads) {}

    /**
     * {@return whether a class is being watched at this moment; the check on the check}
     *
     * @param test the class
     */
    public static boolean isWatching(Class<?> test) {
        return WATCHED.contains(test);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Class<?> test = context.getRequiredTestClass();
        if (isOutermost(context)) {
            WATCHED.add(test);
            context.getStore(NAMESPACE).put(test, new Before(Descriptors.now(), LiveThreads.now()));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Class<?> test = context.getRequiredTestClass();
        if (isOutermost(context)) {
            WATCHED.remove(test);
            Before before = context.getStore(NAMESPACE).remove(test, Before.class);
            if (before == null) {
                throw new IllegalStateException("Nobody looked before " + test);
            }
            List<String> leaks = leaks(before.descriptors, before.threads, PATIENCE);
            if (!leaks.isEmpty()) {
                throw new AssertionError(test.getSimpleName() + " left behind:\n    " + String.join("\n    ", leaks));
            }
        }
    }

    private static boolean isOutermost(ExtensionContext context) {
        return context.getParent().flatMap(ExtensionContext::getTestClass).isEmpty();
    }

    /**
     * {@return what is open or runs and was or did not before, once it has had time to end}
     *
     * @param descriptors those open before
     * @param threads those alive before
     * @param patience how much time
     */
    public static List<String> leaks(Descriptors descriptors, LiveThreads threads, Duration patience) {
        // Threads first: what they have open, they close when they end.
        List<String> running = settled(() -> LiveThreads.now().startedSince(threads), patience);
        List<String> open = settled(() -> Descriptors.now().openedSince(descriptors), patience);
        return Stream.concat(running.stream(), open.stream()).toList();
    }

    /** Looks until nothing is left or patience is. Nobody tells us when a thread or the kernel is done, so we ask. */
    private static List<String> settled(Supplier<List<String>> look, Duration patience) {
        long start = System.nanoTime();
        for (long pause = 1_000_000; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
            List<String> left = look.get();
            if (left.isEmpty() || System.nanoTime() - start >= patience.toNanos()) {
                return left;
            }
            LockSupport.parkNanos(pause);
        }
    }
}

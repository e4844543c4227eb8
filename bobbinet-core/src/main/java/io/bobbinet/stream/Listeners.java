package io.bobbinet.stream;

import java.io.Closeable;
import java.util.List;

/** What can be done with several listeners. */
public final class Listeners {
    private Listeners() {}

    /**
     * Makes one listener of several, which belong to it from now on.
     *
     * {@snippet file="MemoryExamples.java" region="merge"}
     *
     * <p>It accepts from whichever has a connection, waiting at all of them; a connection that was accepted when the call
     * was cancelled is kept for the next. An accept that fails at one, or is refused because somebody closed one, fails.
     * Closing closes all. For attributes the last listener is asked first.
     *
     * @param <S> the type of the connections
     * @param listeners the listeners, at least one
     * @return all as one
     * @throws IllegalArgumentException if there are none
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // List.of only reads the array
    public static <S extends Closeable> Listener<S> merge(Listener<? extends S>... listeners) {
        return merge(List.of(listeners));
    }

    /**
     * Makes one listener of several, as {@link #merge(Listener...)} does.
     *
     * @param <S> the type of the connections
     * @param listeners the listeners, at least one
     * @return all as one
     * @throws IllegalArgumentException if there are none
     */
    public static <S extends Closeable> Listener<S> merge(List<? extends Listener<? extends S>> listeners) {
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("At least one listener is needed");
        }
        return new MergedListener<>(List.copyOf(listeners));
    }
}

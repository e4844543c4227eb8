package io.bobbinet.task;

/**
 * The means by which a task that was begun with {@link TaskGroup#start} says that it is ready to be used.
 *
 * @param <V> the type of the value it reports
 */
public interface Readiness<V> {

    /**
     * Reports readiness; {@link TaskGroup#start} returns.
     *
     * @param value what the starter is to know, such as the address that a server listens on
     * @throws IllegalStateException if the task has reported before
     */
    void ready(V value);

    /**
     * {@return a readiness for which nobody waits} So that a body written for {@link TaskGroup#start} can be called
     * directly.
     *
     * @param <V> the type of the value
     */
    static <V> Readiness<V> ignored() {
        return value -> {};
    }
}

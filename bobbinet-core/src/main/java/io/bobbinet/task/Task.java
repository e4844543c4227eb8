package io.bobbinet.task;

import io.bobbinet.spi.WaitPoint;
import java.io.InterruptedIOException;
import java.util.Optional;

/**
 * A child of a {@link TaskGroup}: a body that runs on a thread of its own, and what became of it.
 *
 * <p>All methods may be called by any thread, during the group and after it.
 *
 * @param <T> the type of the body's value
 */
public sealed interface Task<T> permits ForkedTask {

    /** How far a task has come. */
    enum Status {
        /** It has not ended and is not being cancelled. */
        PENDING,
        /** It, its group or a scope around the group was cancelled, and it has not ended yet. */
        CANCELLING,
        /** It ended because it was cancelled. */
        CANCELLED,
        /** It ended with a value. */
        FINISHED,
        /** Its body threw something. */
        FAILED
    }

    /**
     * {@return the task's name} Given at the fork, or made up.
     */
    String name();

    /**
     * {@return how far the task has come}
     */
    Status status();

    /**
     * Waits until the task has ended, and gives its value.
     *
     * @return the value of the body; null for a body without one
     * @throws TaskFailedException if the body failed, with what it threw as cause, or was cancelled, with a
     *     {@link CancelledException} as cause
     * @throws CancelledException if the calling thread is cancelled while it waits
     * @throws InterruptedIOException if the calling thread is interrupted by the user; the status stays set
     */
    T join() throws InterruptedIOException;

    /**
     * Waits until the task has ended, however it did.
     *
     * @throws CancelledException if the calling thread is cancelled while it waits
     * @throws InterruptedIOException if the calling thread is interrupted by the user; the status stays set
     */
    void await() throws InterruptedIOException;

    /**
     * {@return the value of a task that has ended; null for a body without one} Does not wait.
     *
     * @throws IllegalStateException if the task has not ended
     * @throws TaskFailedException if the body failed or was cancelled, as from {@link #join()}
     */
    T result();

    /**
     * {@return what the body threw, if the task has failed; empty in every other state}
     */
    Optional<Throwable> failure();

    /**
     * {@return where the task waits in a blocking call of this library at this moment; empty if it does not} A snapshot,
     * for diagnosis and tests.
     */
    Optional<WaitPoint> waitsAt();

    /** Cancels this task and those it forked into groups of its own, but nothing else. Does not wait for the end. */
    default void cancel() {
        cancel("the task was cancelled");
    }

    /**
     * Cancels this task and those it forked into groups of its own, but nothing else. Does not wait for the end. Has no
     * effect on a task that has ended.
     *
     * @param reason why, for the message of {@link CancelledException}
     */
    void cancel(String reason);
}

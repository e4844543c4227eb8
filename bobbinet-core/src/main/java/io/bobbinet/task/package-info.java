/**
 * Tasks that end with the block that started them, cancellation that breaks nothing, and deadlines.
 *
 * <p>A {@link io.bobbinet.task.TaskGroup} runs child tasks and ends when all have ended. A
 * {@link io.bobbinet.task.CancelScope} gives a body a deadline, or a handle by which others can cancel it.
 *
 * <p><b>Cancellation is level-triggered.</b> Once a scope is cancelled, every blocking call of Bobbinet inside it throws
 * {@link io.bobbinet.task.CancelledException}, until the scope is left. Blocking calls of the JDK inside are
 * interrupted, again and again with growing pauses of 1 to 100 ms, so that a swallowed {@link InterruptedException}
 * hangs nobody. A socket of Bobbinet is never closed by that; a JDK channel used inside a scope may be, because the
 * JDK closes channels whose thread is interrupted. A scope absorbs its own cancellation only, and no interrupt status
 * that it caused leaks out of it.
 *
 * <p><b>{@link Thread#interrupt()}</b> by anyone else is not cancellation: the blocking call throws
 * {@link java.io.InterruptedIOException}, the interrupt status stays set, and what was being used remains usable. An
 * interrupt that coincides with a cancellation is absorbed with it.
 *
 * <p>All of this works on virtual and on platform threads. Scopes belong to the thread that entered them and to the
 * tasks forked inside; a thread started by other means, also by an executor, is outside of them. {@link ScopedValue}
 * bindings of the user are not inherited by tasks, since the JDK hands them on to its own structured scopes only;
 * {@link io.bobbinet.task.CapturedValues} carries them over.
 */
@NullMarked
package io.bobbinet.task;

import org.jspecify.annotations.NullMarked;

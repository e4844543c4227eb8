package io.bobbinet.task;

/**
 * A task that has reported ready.
 *
 * @param <V> the type of what it reported
 * @param value what it reported
 * @param task the task, which goes on
 */
public record StartedTask<V>(V value, Task<?> task) {}

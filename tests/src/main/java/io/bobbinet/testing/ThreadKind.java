package io.bobbinet.testing;

/** The thread on which {@link OnEachBackend} calls a test. */
public enum ThreadKind {
    /** The thread that JUnit calls tests on: a platform thread, the main one. */
    PLATFORM,
    /** A virtual thread as the backend makes them for tasks. */
    TASK
}

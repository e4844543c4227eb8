package io.bobbinet.task;

/**
 * A task ended without a value. The cause is what its body threw; a {@link CancelledException} if the task was
 * cancelled.
 *
 * <p>Leaves {@link TaskGroup#run} and {@link TaskGroup#call} only for checked exceptions other than
 * {@link java.io.IOException}, which the two cannot declare; everything else comes out as it is.
 */
public final class TaskFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message which task
     * @param cause what its body threw
     */
    public TaskFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.bobbinet.cli;

/** The command line can be read but makes no sense. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}

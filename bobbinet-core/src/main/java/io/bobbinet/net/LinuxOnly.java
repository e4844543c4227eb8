package io.bobbinet.net;

import io.bobbinet.spi.Descriptors;
import io.bobbinet.task.Backends;

/** What the backend {@code linux} alone can, and how to get it where it is not in force. */
final class LinuxOnly {
    private LinuxOnly() {}

    /** What can be done with descriptors. */
    static Descriptors descriptors() {
        try {
            return Backends.current().descriptors();
        } catch (UnsupportedOperationException e) {
            throw missing(String.valueOf(e.getMessage()));
        }
    }

    /** The exception for a call that the backend in force cannot do. */
    static UnsupportedOperationException missing(String message) {
        String hint = Backends.candidates().stream()
                .filter(candidate -> candidate.name().equals("linux"))
                .findFirst()
                .map(Backends.Candidate::obstacle)
                .orElse("it is in the artifact bobbinet-linux, which is not on the path");
        return new UnsupportedOperationException(hint.isEmpty() ? message : message + " (" + hint + ")");
    }
}

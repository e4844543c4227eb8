package io.bobbinet.stream;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Closes several things, all of them whatever happens. */
final class Closing {
    private Closing() {}

    /**
     * Closes in the order given.
     *
     * @throws IOException the first failure, unchecked ones too, with the later ones suppressed under it
     */
    static void all(List<? extends Closeable> resources) throws IOException {
        Throwable first = null;
        for (Closeable resource : resources) {
            first = close(resource, first);
        }
        switch (first) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError("close() declares no other", first);
        }
    }

    private static @Nullable Throwable close(Closeable resource, @Nullable Throwable first) {
        try {
            resource.close();
        } catch (Throwable t) {
            if (first == null) {
                return t;
            }
            if (first != t) {
                first.addSuppressed(t);
            }
        }
        return first;
    }
}

package io.bobbinet.task;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * What travels with the scopes beside cancellation.
 *
 * @param time the time source in force
 * @param boundBackend the backend bound with {@link Backends#using}; none means the default
 */
record Environment(TimeSource time, @Nullable Backend boundBackend) {
    static final Environment DEFAULT = new Environment(TimeSource.system(), null);

    static Environment current() {
        Strand strand = Strand.current();
        Scope innermost = strand == null ? null : strand.innermost();
        return innermost == null ? DEFAULT : innermost.environment();
    }
}

package io.bobbinet.net;

import java.net.StandardProtocolFamily;
import java.util.Objects;
import java.util.Optional;

/** What is set about TCP listeners. */
record BindSettings(int backlog, OptionValues options, Optional<StandardProtocolFamily> family, Resolver resolver) {

    /** More than systems allow, and what fits in 16 bits: older ones take no more. */
    static final int LARGEST_BACKLOG = 65_535;

    static final BindSettings DEFAULT =
            new BindSettings(LARGEST_BACKLOG, OptionValues.NONE, Optional.empty(), Resolver.system());

    static int checkBacklog(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("A backlog is at least 1, not " + value);
        }
        return Math.min(value, LARGEST_BACKLOG);
    }

    BindSettings withBacklog(int value) {
        return new BindSettings(checkBacklog(value), options, family, resolver);
    }

    BindSettings withOptions(OptionValues value) {
        return new BindSettings(backlog, value, family, resolver);
    }

    BindSettings withFamily(StandardProtocolFamily value) {
        if (value != StandardProtocolFamily.INET && value != StandardProtocolFamily.INET6) {
            throw new IllegalArgumentException("TCP is of the families INET and INET6, not " + value);
        }
        return new BindSettings(backlog, options, Optional.of(value), resolver);
    }

    BindSettings withResolver(Resolver value) {
        return new BindSettings(backlog, options, family, Objects.requireNonNull(value, "resolver"));
    }
}

package io.bobbinet.net;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** What is set about connecting. */
record ConnectSettings(
        Optional<InetSocketAddress> local,
        OptionValues options,
        Duration timeout,
        Duration attemptDelay,
        Resolver resolver) {

    static final ConnectSettings DEFAULT = new ConnectSettings(
            Optional.empty(),
            OptionValues.NONE,
            ChronoUnit.FOREVER.getDuration(),
            Duration.ofMillis(250), // RFC 8305, section 8
            Resolver.system());

    ConnectSettings withLocal(InetSocketAddress value) {
        return new ConnectSettings(Optional.of(value), options, timeout, attemptDelay, resolver);
    }

    ConnectSettings withOptions(OptionValues value) {
        return new ConnectSettings(local, value, timeout, attemptDelay, resolver);
    }

    ConnectSettings withTimeout(Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("A connect timeout is more than zero, not " + value);
        }
        return new ConnectSettings(local, options, value, attemptDelay, resolver);
    }

    ConnectSettings withAttemptDelay(Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("A delay is not negative: " + value);
        }
        return new ConnectSettings(local, options, timeout, value, resolver);
    }

    ConnectSettings withResolver(Resolver value) {
        return new ConnectSettings(local, options, timeout, attemptDelay, value);
    }
}

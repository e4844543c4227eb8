package io.bobbinet.async;

import java.util.Objects;
import java.util.concurrent.Flow;

/** Receives for subscribers. */
final class PacketPublisher<R> implements Flow.Publisher<R> {
    private final Reception<?, R> reception;

    /** Whether the packets end when this side closes the client. */
    private final boolean endedByClose;

    PacketPublisher(Reception<?, R> reception, boolean endedByClose) {
        this.reception = reception;
        this.endedByClose = endedByClose;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super R> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        new PacketSubscription<>(reception, endedByClose, subscriber).begin();
    }
}

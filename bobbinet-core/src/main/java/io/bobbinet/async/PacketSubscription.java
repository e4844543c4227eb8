package io.bobbinet.async;

import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one subscriber has asked for. Whatever happens to it, a request, a packet, a cancel, is noted and then looked at by
 * {@link #look}, which only one thread at a time does, on the executor of callbacks: so signals never overlap, nor do they come
 * from within a call of the subscriber's.
 */
final class PacketSubscription<R> implements Flow.Subscription {
    private final Reception<?, R> reception;
    private final boolean endedByClose;

    /** How many events have not been looked at; the thread that makes the first of them known looks. */
    private final AtomicInteger events = new AtomicInteger();

    /** How many packets are wanted. Guarded by this. */
    private long demand;

    /** What the subscriber has asked for that cannot be. Guarded by this. */
    private @Nullable IllegalArgumentException badRequest;

    /** Set with the lock held, together with the look at what is received. */
    private volatile boolean cancelled;

    /** Nothing once there will be no further signal. Used by the looking thread. */
    private Flow.@Nullable Subscriber<? super R> subscriber;

    /** The receive under way. Written by the looking thread; the lock is held when it becomes one, and when others look. */
    private volatile @Nullable CompletableFuture<R> receiving;

    PacketSubscription(Reception<?, R> reception, boolean endedByClose, Flow.Subscriber<? super R> subscriber) {
        this.reception = reception;
        this.endedByClose = endedByClose;
        this.subscriber = subscriber;
    }

    /** Makes the subscriber known its subscription; no other signal comes before it returns. */
    void begin() {
        events.set(1);
        Flow.Subscriber<? super R> first = subscriber;
        if (first != null) {
            first.onSubscribe(this);
        }
        if (events.addAndGet(-1) != 0) {
            reception.callbacks().execute(this::look);
        }
    }

    @Override
    public void request(long n) {
        synchronized (this) {
            if (n <= 0) {
                badRequest = new IllegalArgumentException("A subscriber requests at least 1 packet, not " + n);
            } else {
                demand = n > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + n;
            }
        }
        happened();
    }

    @Override
    public void cancel() {
        CompletableFuture<R> current;
        synchronized (this) {
            cancelled = true;
            current = receiving;
        }
        if (current != null) {
            boolean unused = current.cancel(false); // at once: what comes from now on is for others
        }
        happened();
    }

    private void happened() {
        if (events.getAndIncrement() == 0) {
            reception.callbacks().execute(this::look);
        }
    }

    /** Called on the executor of callbacks. */
    private void received() {
        if (events.getAndIncrement() == 0) {
            look();
        }
    }

    private void look() {
        int seen = events.get();
        while (seen != 0) {
            Flow.Subscriber<? super R> to = subscriber;
            while (to != null && step(to)) {
                to = subscriber;
            }
            seen = events.addAndGet(-seen);
        }
    }

    /** Does what there is to do; returns whether there may be more. */
    private boolean step(Flow.Subscriber<? super R> to) {
        CompletableFuture<R> current = receiving;
        if (current != null && current.isDone()) {
            receiving = null;
            if (!cancelled || !current.isCancelled()) {
                signal(to, current);
            }
            return true;
        }
        if (cancelled || hasBadRequest()) {
            return stop(to, current);
        }
        CompletableFuture<R> next = current == null ? receive() : null;
        if (next != null) {
            next.whenComplete((packet, failure) -> received());
        }
        return false;
    }

    /** Begins to receive the next packet, if it is wanted. */
    private synchronized @Nullable CompletableFuture<R> receive() {
        if (!cancelled && takeDemand()) {
            receiving = reception.receive();
            return receiving;
        }
        return null;
    }

    private boolean takeDemand() {
        if (demand == 0) {
            return false;
        }
        if (demand != Long.MAX_VALUE) {
            demand--;
        }
        return true;
    }

    private synchronized boolean hasBadRequest() {
        return badRequest != null;
    }

    /** Ends it for the subscriber, unless a packet is on its way that is nobody else's any more. */
    private boolean stop(Flow.Subscriber<? super R> to, @Nullable CompletableFuture<R> current) {
        if (current != null && !current.cancel(false)) {
            return current.isDone();
        }
        subscriber = null;
        receiving = null;
        IllegalArgumentException bad;
        synchronized (this) {
            bad = badRequest;
        }
        if (bad != null && !cancelled) {
            guarded(() -> to.onError(bad));
        }
        return false;
    }

    private void signal(Flow.Subscriber<? super R> to, CompletableFuture<R> ended) {
        if (!ended.isCompletedExceptionally()) {
            guarded(() -> to.onNext(ended.resultNow()));
            return;
        }
        subscriber = null;
        Throwable failure = ended.exceptionNow();
        if (failure instanceof EndOfStreamException || endedByClose && failure instanceof ClosedResourceException) {
            guarded(to::onComplete);
        } else {
            guarded(() -> to.onError(failure));
        }
    }

    /** A subscriber that throws is taken for cancelled, and its bug made known like any other of the executor's tasks. */
    private void guarded(Runnable signal) {
        try {
            signal.run();
        } catch (Throwable t) {
            cancelled = true;
            subscriber = null;
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
        }
    }
}

package io.bobbinet.packet;

import io.bobbinet.packet.Arrivals.End;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.ThrowingCallable;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.task.TimedOutException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Ways of receiving that are the same for all that gives packets. */
final class Receiving {
    private Receiving() {}

    /** Receives within a time limit; without waiting if there is none to spare. */
    static <T> T within(Duration limit, ThrowingCallable<T, IOException> receive) throws IOException {
        checkNotNegative(limit);
        if (limit.isZero()) {
            return CancelScope.withoutWaiting()
                    .call(receive)
                    .orElseThrow(() -> new TimedOutException("No packet has come yet"));
        }
        return CancelScope.failAfter(limit, "receiving a packet").call(receive);
    }

    /** Receives what comes until a scope that moves on does so. */
    static <R> Arrivals<R> all(MoveOnScope scope, ThrowingCallable<R, IOException> receive) throws IOException {
        List<R> packets = new ArrayList<>();
        try {
            boolean full = scope.run(() -> {
                while (packets.size() < PacketClient.MOST_AT_ONCE) {
                    packets.add(receive.call());
                }
            });
            return new Arrivals<>(packets, full ? End.FULL : End.NO_MORE, Optional.empty());
        } catch (EndOfStreamException e) {
            return new Arrivals<>(packets, End.END_OF_STREAM, Optional.empty());
        } catch (ClosedResourceException e) {
            return new Arrivals<>(packets, End.CLOSED, Optional.empty());
        } catch (CancelledException e) {
            if (packets.isEmpty()) {
                throw e;
            }
            return new Arrivals<>(packets, End.NO_MORE, Optional.empty()); // the next blocking call is cancelled
        } catch (IOException | RuntimeException e) {
            if (e.getClass() != InterruptedIOException.class) {
                return new Arrivals<>(packets, End.FAILED, Optional.of(e));
            }
            if (packets.isEmpty()) {
                throw e;
            }
            return new Arrivals<>(packets, End.NO_MORE, Optional.empty()); // the user's, whose status is set
        } catch (Error e) {
            if (packets.isEmpty()) {
                throw e;
            }
            return new Arrivals<>(packets, End.FAILED, Optional.of(new ExecutionException(e))); // for the packets' sake
        }
    }

    /** Receives until the end, and gives malformed packets to a body of their own. */
    static <R, X extends Throwable> void forEach(
            ThrowingCallable<R, IOException> receive,
            ThrowingConsumer<? super R, X> body,
            ThrowingConsumer<? super MalformedPacketException, X> malformed)
            throws X, IOException {
        Objects.requireNonNull(body, "body");
        Objects.requireNonNull(malformed, "malformed");
        while (true) {
            R packet;
            try {
                packet = receive.call();
            } catch (EndOfStreamException e) {
                return;
            } catch (MalformedPacketException e) {
                malformed.accept(e);
                continue;
            }
            body.accept(packet);
        }
    }

    /** Receives until the end, closes what came beside each packet after its body, and gives malformed packets to another. */
    static <R, X extends Throwable> void forEachMessage(
            ThrowingCallable<PacketMessage<R>, IOException> receive,
            ThrowingConsumer<? super PacketMessage<R>, X> body,
            ThrowingConsumer<? super MalformedPacketException, X> malformed)
            throws X, IOException {
        Objects.requireNonNull(body, "body");
        Objects.requireNonNull(malformed, "malformed");
        while (true) {
            PacketMessage<R> message;
            try {
                message = receive.call();
            } catch (EndOfStreamException e) {
                return;
            } catch (MalformedPacketException e) {
                malformed.accept(e);
                continue;
            }
            try (message) {
                body.accept(message);
            }
        }
    }

    /** Whether an exception that was thrown is a certain one, or came before that one and has it beside. */
    static boolean isOrPrecedes(Throwable thrown, @Nullable Throwable certain) {
        return thrown == certain || Arrays.stream(thrown.getSuppressed()).anyMatch(later -> later == certain);
    }

    static MoveOnScope scope(Duration budget) {
        checkNotNegative(budget);
        return budget.isZero() ? CancelScope.withoutWaiting() : CancelScope.moveOnAfter(budget);
    }

    private static void checkNotNegative(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("A time limit is not negative: " + limit);
        }
    }
}

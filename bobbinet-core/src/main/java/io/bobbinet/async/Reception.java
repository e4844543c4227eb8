package io.bobbinet.async;

import io.bobbinet.async.Work.Outcome;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.Arrivals.End;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketMessage;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.TimedOutException;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The ways of receiving. */
final class Reception<C extends Closeable, R> {
    private final Connection<C, R> connection;

    Reception(Connection<C, R> connection) {
        this.connection = connection;
    }

    Callbacks callbacks() {
        return connection.callbacks();
    }

    CompletableFuture<R> receive() {
        return connection.receive(new One());
    }

    CompletableFuture<R> receive(Duration limit) {
        checkNotNegative(limit);
        if (limit.isZero()) {
            Outcome<R> nothing = Outcome.failed(new TimedOutException("No packet has come yet"));
            return connection.receiveAtOnce(new OneAtOnce(nothing), nothing);
        }
        TaskThreads threads = callbacks().threads();
        Deadline deadline = threads.deadline(limit);
        Operation<R> operation = connection.receive(new One());
        operation.timer(threads.at(deadline, () -> operation.end(Outcome.failed(tooLate(limit)), "too late")));
        return operation;
    }

    private static TimedOutException tooLate(Duration limit) {
        return new TimedOutException("receiving a packet: the time limit of "
                + limit.toString().substring(2).toLowerCase(Locale.ROOT) + " has passed");
    }

    CompletableFuture<PacketMessage<R>> receiveMessage() {
        return connection.receive(new OneMessage());
    }

    CompletableFuture<Arrivals<R>> available(Duration budget) {
        checkNotNegative(budget);
        Outcome<Arrivals<R>> nothing = Outcome.of(new Arrivals<>(List.of(), End.NO_MORE, Optional.empty()));
        if (budget.isZero()) {
            return connection.receiveAtOnce(new All(CancelScope::withoutWaiting), nothing);
        }
        TaskThreads threads = callbacks().threads();
        Deadline deadline = threads.deadline(budget);
        Operation<Arrivals<R>> operation = connection.receive(new All(() -> CancelScope.moveOnAt(deadline)));
        operation.timer(threads.at(deadline, () -> operation.endWaiting(nothing)));
        return operation;
    }

    private static void checkNotNegative(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("A time limit is not negative: " + limit);
        }
    }

    /** Work that takes packets, and gives them back if nobody wants them. */
    private abstract class Taking<T> implements Work<T> {
        /** For the thread of the lane. */
        final List<Arrived<R>> taken = new ArrayList<>();

        final Arrived<R> next() throws IOException {
            Arrived<R> arrived = connection.link().next();
            taken.add(arrived);
            return arrived;
        }

        @Override
        public void accepted() {
            taken.forEach(Arrived::discard);
        }

        @Override
        public final void refused() {
            connection.link().keep(taken);
        }
    }

    private class One extends Taking<R> {
        @Override
        public Outcome<R> perform() throws Exception {
            return Outcome.of(next().packet());
        }
    }

    private final class OneAtOnce extends One {
        private final Outcome<R> otherwise;

        OneAtOnce(Outcome<R> otherwise) {
            this.otherwise = otherwise;
        }

        @Override
        public Outcome<R> perform() throws Exception {
            return CancelScope.withoutWaiting()
                    .<Outcome<R>, Exception>call(super::perform)
                    .orElse(otherwise);
        }
    }

    private final class OneMessage extends Taking<PacketMessage<R>> {
        @Override
        public Outcome<PacketMessage<R>> perform() throws Exception {
            connection.link().checkMessages();
            return Outcome.of(next().message());
        }

        @Override
        public void accepted() {
            // What came beside the packet is the caller's.
        }
    }

    private final class All extends Taking<Arrivals<R>> {
        private final Supplier<MoveOnScope> scope;

        All(Supplier<MoveOnScope> scope) {
            this.scope = scope;
        }

        @Override
        public Outcome<Arrivals<R>> perform() throws Exception {
            List<R> packets = new ArrayList<>();
            try {
                boolean full = scope.get().<Exception>run(() -> {
                    while (packets.size() < PacketClient.MOST_AT_ONCE) {
                        packets.add(next().packet());
                    }
                });
                return Outcome.of(new Arrivals<>(packets, full ? End.FULL : End.NO_MORE, Optional.empty()));
            } catch (CancelledException e) {
                throw e;
            } catch (Exception e) {
                return Outcome.of(ended(packets, e));
            }
        }

        /** By what is no end of an available: the packets before it are for those who receive next. */
        @Override
        public void failed() {
            refused();
        }

        @Override
        public Outcome<Arrivals<R>> without(Throwable failure) {
            return failure instanceof Exception e ? Outcome.of(ended(List.of(), e)) : Outcome.failed(failure);
        }

        private static <R> Arrivals<R> ended(List<R> packets, Exception why) {
            return switch (why) {
                case EndOfStreamException e -> new Arrivals<>(packets, End.END_OF_STREAM, Optional.empty());
                case ClosedResourceException e -> new Arrivals<>(packets, End.CLOSED, Optional.empty());
                default -> new Arrivals<>(packets, End.FAILED, Optional.of(why));
            };
        }
    }
}

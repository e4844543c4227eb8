package io.bobbinet.testkit;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.ObjectStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * What object streams promise, as checks that run, like those of {@link ByteStreamContract}.
 *
 * <p>Immutable.
 *
 * @param <T> the type of the items
 */
public final class ObjectStreamContract<T> {
    private static final int MANY = 10_000;

    private final PairFactory<? extends ObjectStream<T>> pairs;
    private final IntFunction<T> items;
    private final Set<StreamTrait> traits;

    private ObjectStreamContract(
            PairFactory<? extends ObjectStream<T>> pairs, IntFunction<T> items, Set<StreamTrait> traits) {
        this.pairs = pairs;
        this.items = items;
        this.traits = traits;
    }

    /**
     * Makes the contract.
     *
     * @param <T> the type of the items
     * @param pairs makes the streams; no trait is assumed of them yet
     * @param items makes the item of a number; those of different numbers are not equal
     * @return the contract
     */
    public static <T> ObjectStreamContract<T> of(PairFactory<? extends ObjectStream<T>> pairs, IntFunction<T> items) {
        return new ObjectStreamContract<>(
                Objects.requireNonNull(pairs, "pairs"), Objects.requireNonNull(items, "items"), Set.of());
    }

    /**
     * {@return the contract for streams with these traits, and no others}
     *
     * @param having what the streams can do
     */
    public ObjectStreamContract<T> having(StreamTrait... having) {
        return new ObjectStreamContract<>(pairs, items, Set.of(having));
    }

    /**
     * {@return the checks}
     */
    public List<ContractCheck> checks() {
        List<ContractCheck> all = new ArrayList<>();
        all.addAll(new Checks(Actor.Kind.VIRTUAL, "OnVirtualThreads").all());
        all.addAll(new Checks(Actor.Kind.PLATFORM, "OnPlatformThreads").all());
        return List.copyOf(all);
    }

    private record Ends<T>(ObjectStream<T> near, ObjectStream<T> far) {}

    private final class Checks {
        private final Actor.Kind kind;
        private final String suffix;
        private final List<ContractCheck> checks = new ArrayList<>();

        Checks(Actor.Kind kind, String suffix) {
            this.kind = kind;
            this.suffix = suffix;
        }

        List<ContractCheck> all() {
            order();
            receives();
            closing();
            if (traits.contains(StreamTrait.BACK_PRESSURE)) {
                sends();
            }
            if (traits.contains(StreamTrait.SEES_PEER_GONE)) {
                peerGone();
            }
            return checks;
        }

        private void check(String name, ThrowingConsumer<Ends<T>, ?> body) {
            checks.add(new ContractCheck(name + suffix, () -> {
                try (StreamPair<? extends ObjectStream<T>> pair = pairs.open()) {
                    Ends<T> ends = new Ends<>(pair.left(), pair.right());
                    Actor.start(kind, () -> {
                                body.accept(ends);
                                return true;
                            })
                            .value();
                }
            }));
        }

        private Actor<T> receive(ObjectStream<T> stream) {
            return Actor.start(kind, stream::receive).awaitBlocked();
        }

        private Actor<Boolean> send(ObjectStream<T> stream, int number) {
            return Actor.start(kind, () -> {
                stream.send(items.apply(number));
                return true;
            });
        }

        private void order() {
            check("itemsArriveWholeAndInOrderBothWaysAtOnce", ends -> {
                Actor<Integer> there = Actor.start(kind, () -> sendAll(ends.near()));
                Actor<Integer> back = Actor.start(kind, () -> sendAll(ends.far()));
                Actor<Integer> received = Actor.start(kind, () -> receiveAll(ends.far()));
                Expect.equal(MANY, receiveAll(ends.near()));
                Expect.equal(MANY, received.value());
                Expect.equal(there.value(), back.value());
            });
            check("forEachEndsWithTheStreamAndTheEndStays", ends -> {
                Actor<Integer> sender = Actor.start(kind, () -> {
                    int count = sendAll(ends.near());
                    ends.near().close();
                    return count;
                });
                AtomicInteger next = new AtomicInteger();
                ends.far().forEach(item -> Expect.equal(items.apply(next.getAndIncrement()), item));
                Expect.equal(sender.value(), next.get());
                Expect.failure(EndOfStreamException.class, ends.far()::receive);
                Expect.failure(EndOfStreamException.class, ends.far()::receive);
            });
            check("sendEofEndsOneDirectionOnlyAndIsIdempotent", ends -> {
                ends.near().sendEof();
                ends.near().sendEof();
                Expect.failure(ClosedResourceException.class, () -> ends.near().send(items.apply(1)));
                Expect.failure(EndOfStreamException.class, ends.far()::receive);
                Actor<Boolean> answer = send(ends.far(), 1);
                Expect.equal(items.apply(1), ends.near().receive());
                answer.value();
            });
        }

        private int sendAll(ObjectStream<T> stream) throws IOException {
            for (int i = 0; i < MANY; i++) {
                stream.send(items.apply(i));
            }
            return MANY;
        }

        private int receiveAll(ObjectStream<T> stream) throws IOException {
            for (int i = 0; i < MANY; i++) {
                Expect.equal(items.apply(i), stream.receive());
            }
            return MANY;
        }

        private void receives() {
            check("cancelledReceiveTakesNothing", ends -> {
                Actor<T> receiver = receive(ends.far());
                receiver.cancel();
                receiver.failure(CancelledException.class);
                Actor<Boolean> sender = send(ends.near(), 1);
                Expect.equal(items.apply(1), ends.far().receive());
                sender.value();
            });
            check("receiveInACancelledScopeTakesNothing", ends -> {
                Actor<Boolean> sender = send(ends.near(), 1);
                CancelScope.create().run(() -> {
                    CancelScope.current().orElseThrow().cancel();
                    Expect.failure(CancelledException.class, ends.far()::receive);
                    Expect.failure(CancelledException.class, ends.far()::receive);
                });
                Expect.equal(items.apply(1), ends.far().receive());
                sender.value();
            });
            check("interruptedReceiveTakesNothing", ends -> {
                Actor<T> receiver = receive(ends.far());
                receiver.interrupt();
                ReceiveChecks.expectInterrupted(receiver);
                Actor<Boolean> sender = send(ends.near(), 1);
                Expect.equal(items.apply(1), ends.far().receive());
                sender.value();
            });
            check("secondReceiverIsBusyAndDoesNotDisturbTheFirst", ends -> {
                Actor<T> receiver = receive(ends.far());
                Expect.failure(BusyResourceException.class, ends.far()::receive);
                ends.near().send(items.apply(1));
                Expect.equal(items.apply(1), receiver.value());
            });
        }

        private void closing() {
            check("closeWakesAWaitingReceiveAndIsIdempotent", ends -> {
                Actor<T> receiver = receive(ends.far());
                ends.far().close();
                ends.far().close();
                receiver.failure(ClosedResourceException.class);
                Expect.failure(ClosedResourceException.class, ends.far()::receive);
                Expect.failure(ClosedResourceException.class, () -> ends.far().send(items.apply(1)));
                Expect.failure(ClosedResourceException.class, ends.far()::sendEof);
            });
            check("peersCloseWakesAWaitingReceive", ends -> {
                Actor<T> receiver = receive(ends.far());
                ends.near().close();
                receiver.failure(EndOfStreamException.class);
            });
            check("closesInACancelledScope", ends -> {
                CancelScope.create().run(() -> {
                    CancelScope.current().orElseThrow().cancel();
                    ends.near().close();
                });
                Expect.failure(ClosedResourceException.class, ends.near()::receive);
                Expect.failure(EndOfStreamException.class, ends.far()::receive);
            });
        }

        private void sends() {
            check("cancelledSendSendsNothing", ends -> {
                AtomicInteger sent = new AtomicInteger();
                Actor<Boolean> sender = flood(ends.near(), sent);
                sender.cancel();
                sender.failure(CancelledException.class);
                for (int i = 0; i < sent.get(); i++) {
                    Expect.equal(items.apply(i), ends.far().receive());
                }
                Actor<Boolean> next = send(ends.near(), MANY);
                Expect.equal(items.apply(MANY), ends.far().receive());
                next.value();
            });
            check("secondSenderIsBusy", ends -> {
                flood(ends.near(), new AtomicInteger());
                Expect.failure(BusyResourceException.class, () -> ends.near().send(items.apply(1)));
            });
            check("closeWakesAWaitingSend", ends -> {
                Actor<Boolean> sender = flood(ends.near(), new AtomicInteger());
                ends.near().close();
                sender.failure(ClosedResourceException.class);
            });
        }

        private Actor<Boolean> flood(ObjectStream<T> stream, AtomicInteger sent) {
            return Actor.<Boolean>start(kind, () -> {
                        while (true) {
                            stream.send(items.apply(sent.get()));
                            sent.incrementAndGet();
                        }
                    })
                    .awaitBlocked();
        }

        private void peerGone() {
            check("sendToAPeerThatHasClosedIsBroken", ends -> {
                ends.far().close();
                Expect.failure(BrokenResourceException.class, () -> {
                    while (true) {
                        ends.near().send(items.apply(1));
                    }
                });
                Expect.failure(BrokenResourceException.class, ends.near()::receive);
                ends.near().close();
                Expect.failure(ClosedResourceException.class, ends.near()::receive);
            });
        }
    }
}

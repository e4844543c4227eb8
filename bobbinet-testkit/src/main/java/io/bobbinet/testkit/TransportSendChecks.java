package io.bobbinet.testkit;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What {@link io.bobbinet.net.ConnectedDatagramTransport} promises about sending. */
final class TransportSendChecks<A extends SocketAddress> {
    private final DatagramTerms<A> terms;
    private final List<ContractCheck> checks = new ArrayList<>();

    private TransportSendChecks(DatagramTerms<A> terms) {
        this.terms = terms;
    }

    static <A extends SocketAddress> List<ContractCheck> of(DatagramTerms<A> terms, boolean waiting) {
        TransportSendChecks<A> checks = new TransportSendChecks<>(terms);
        checks.ways();
        checks.refused();
        checks.cancelled();
        checks.concurrent();
        if (waiting) {
            checks.waits();
            checks.waitsAndEnds();
        }
        return checks.checks;
    }

    private void ways() {
        terms.check(checks, "sendOfABufferTakesAllThatRemains", link -> {
            byte[] bytes = {0, 1, 2, 3};
            ByteBuffer heap = ByteBuffer.wrap(bytes);
            ByteBuffer direct = ByteBuffer.allocateDirect(4).put(0, bytes);
            for (ByteBuffer data : List.of(heap, direct, heap.asReadOnlyBuffer())) {
                data.position(1).limit(3);
                link.sender().send(data);
                Expect.value(data.position(), 3, "The position");
                Expect.value(data.limit(), 3, "The limit");
                link.expect((byte) 1, (byte) 2);
            }
        });
        terms.check(checks, "sendOfADatagramGoesToItsPeer", link -> {
            link.sender().send(Datagram.of(new byte[] {1}, link.sender().peerAddress()));
            link.expect((byte) 1);
        });
        terms.check(checks, "replyGoesToTheSender", link -> {
            link.sender().send(new byte[] {1});
            link.receiver().send(link.receiver().receive().reply(new byte[] {2}));
            Datagram<A> answer = link.sender().receive();
            Expect.value(answer.data(), new byte[] {2}, "The answer");
        });
    }

    private void refused() {
        terms.check(checks, "datagramToAnotherIsRefused", link -> {
            A another = link.sender().localAddress();
            Expect.failure(
                    IllegalArgumentException.class, () -> link.sender().send(Datagram.of(new byte[] {1}, another)));
            link.sender().send(new byte[] {2});
            link.expect((byte) 2);
        });
        terms.check(checks, "datagramThatIsTooLongIsRefused", link -> {
            ByteBuffer tooLong = ByteBuffer.allocate(1 << 20);
            Expect.failure(SocketException.class, () -> link.sender().send(tooLong));
            Expect.value(tooLong.remaining(), 1 << 20, "What remains");
            link.sender().send(new byte[] {2});
            link.expect((byte) 2);
        });
    }

    private void cancelled() {
        terms.check(checks, "sendInACancelledScopeSendsNothing", link -> {
            ByteBuffer data = ByteBuffer.wrap(new byte[] {1});
            DatagramBatch<A> batch = DatagramBatch.allocate(1, 1);
            batch.add(data.duplicate());
            CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                Expect.failure(CancelledException.class, () -> link.sender().send(data));
                Expect.failure(
                        CancelledException.class,
                        () -> link.sender()
                                .send(Datagram.of(new byte[] {1}, link.sender().peerAddress())));
                Expect.failure(CancelledException.class, () -> link.sender().sendBatch(batch));
            });
            Expect.value(data.remaining(), 1, "What remains");
            Expect.value(batch.position(), 0, "The position of the batch");
            link.sender().send(new byte[] {2});
            link.expect((byte) 2);
        });
        terms.check(checks, "sendWithTheInterruptStatusSetSendsNothing", link -> {
            Actor<Boolean> actor = terms.start(() -> {
                Thread.currentThread().interrupt();
                link.sender().send(new byte[] {1});
                return true;
            });
            ReceiveChecks.expectInterrupted(actor);
            link.sender().send(new byte[] {2});
            link.expect((byte) 2);
        });
    }

    private void concurrent() {
        terms.check(checks, "concurrentSendsDoNotMix", link -> {
            int senders = 4;
            int each = 50;
            Semaphore room = new Semaphore(10);
            List<Actor<Boolean>> sending = new ArrayList<>();
            for (int id = 0; id < senders; id++) {
                int from = id * each;
                sending.add(terms.start(() -> {
                    for (int i = from; i < from + each; i++) {
                        Expect.that(room.tryAcquire(20, TimeUnit.SECONDS), "Nothing is received any more");
                        link.sender().send(numbered(i));
                    }
                    return true;
                }));
            }
            BitSet seen = new BitSet();
            for (int i = 0; i < senders * each; i++) {
                ByteBuffer data = ByteBuffer.wrap(link.receiver().receive().data());
                Expect.value(data, numbered(data.getInt(0)), "The datagram " + data.getInt(0));
                Expect.that(!seen.get(data.getInt(0)), "It came twice");
                seen.set(data.getInt(0));
                room.release();
            }
            sending.forEach(Actor::value);
        });
    }

    /** A datagram that tells its number, and of which every byte depends on it. */
    private static ByteBuffer numbered(int number) {
        int length = 4 + number % 97;
        return ByteBuffer.allocate(length)
                .putInt(number)
                .put(new Pattern(number).bytes(0, length - 4))
                .flip();
    }

    /** Sends without end, and so comes to wait; counts what went out. */
    private Actor<Boolean> fill(DatagramTerms.Link<A> link, AtomicInteger sent) {
        return terms.<Boolean>start(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        link.sender().send(ByteBuffer.allocate(100).putInt(0, sent.get()));
                        sent.incrementAndGet();
                    }
                    throw new AssertionError("No send waits");
                })
                .awaitBlocked();
    }

    /** Receives what was counted, and nothing else: a datagram of another kind comes right after. */
    private static <A extends SocketAddress> void drain(DatagramTerms.Link<A> link, int sent) throws IOException {
        for (int i = 0; i < sent; i++) {
            Expect.value(ByteBuffer.wrap(link.receiver().receive().data()).getInt(), i, "The datagram");
        }
        link.sender().send(new byte[] {1});
        link.expect((byte) 1);
    }

    private void waits() {
        terms.check(checks, "sendWaitsForRoom", link -> {
            AtomicInteger sent = new AtomicInteger();
            Actor<Boolean> filler = fill(link, sent);
            for (int i = 0; i < 2_000; i++) {
                Expect.value(ByteBuffer.wrap(link.receiver().receive().data()).getInt(), i, "The datagram");
            }
            filler.cancel();
            filler.failure(CancelledException.class);
            for (int i = 2_000; i < sent.get(); i++) {
                link.receiver().receive();
            }
        });
        terms.check(checks, "cancelledSendHasSentNothing", link -> {
            AtomicInteger sent = new AtomicInteger();
            for (int i = 0; i < 3; i++) {
                Actor<Boolean> filler = fill(link, sent);
                filler.cancel();
                filler.failure(CancelledException.class);
            }
            drain(link, sent.get());
        });
        terms.check(checks, "interruptedSendHasSentNothing", link -> {
            AtomicInteger sent = new AtomicInteger();
            Actor<Boolean> filler = fill(link, sent);
            filler.interrupt();
            ReceiveChecks.expectInterrupted(filler);
            drain(link, sent.get());
        });
    }

    private void waitsAndEnds() {
        terms.check(checks, "closeWakesAllWaitingSends", link -> {
            List<Actor<Boolean>> waiting = new ArrayList<>();
            waiting.add(fill(link, new AtomicInteger()));
            for (int i = 0; i < 3; i++) {
                waiting.add(terms.start(() -> {
                            link.sender().send(new byte[1]);
                            return true;
                        })
                        .awaitBlocked());
            }
            link.sender().close();
            waiting.forEach(actor -> actor.failure(ClosedResourceException.class));
        });
        terms.check(checks, "peersCloseEndsAWaitingSend", link -> {
            Actor<Boolean> filler = fill(link, new AtomicInteger());
            link.receiver().close();
            filler.failure(IOException.class);
            Expect.failure(IOException.class, () -> link.sender().send(new byte[1]));
        });
        terms.check(checks, "cancelledBatchTellsHowManyWentOut", link -> {
            DatagramBatch<A> batch = DatagramBatch.allocate(50_000, 4);
            for (int i = 0; i < 50_000; i++) {
                batch.add(ByteBuffer.allocate(4).putInt(0, i));
            }
            Actor<Boolean> actor = terms.start(() -> {
                        link.sender().sendBatch(batch);
                        return true;
                    })
                    .awaitBlocked();
            actor.cancel();
            actor.failure(CancelledException.class);
            drain(link, batch.position());
        });
    }
}

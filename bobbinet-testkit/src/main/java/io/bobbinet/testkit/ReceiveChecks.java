package io.bobbinet.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.TimeSources;
import io.bobbinet.task.TimedOutException;
import java.io.ByteArrayOutputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@link ByteReceiveStream} promises. */
final class ReceiveChecks {
    private static final byte[] HELLO = "hello, world".getBytes(US_ASCII);

    private final Terms terms;
    private final List<ContractCheck> checks = new ArrayList<>();

    private ReceiveChecks(Terms terms) {
        this.terms = terms;
    }

    static List<ContractCheck> of(Terms terms) {
        ReceiveChecks checks = new ReceiveChecks(terms);
        checks.data();
        checks.arguments();
        checks.ends();
        checks.closing();
        checks.attributes();
        checks.cancelledBefore();
        if (terms.have(StreamTrait.WAITS)) {
            checks.cancelled();
            checks.interrupted();
            checks.closedWhileWaiting();
            checks.busy();
        }
        return checks.checks;
    }

    private void data() {
        terms.check(checks, "receiveGivesWhatWasSent", link -> {
            link.sender().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
        terms.check(checks, "receiveGivesAtMostMaxAndKeepsTheRest", link -> {
            link.sender().send(HELLO);
            byte[] first = link.receiver().receive(5);
            Expect.that(first.length >= 1 && first.length <= 5, "5 were asked for, and there came " + first.length);
            byte[] rest = Terms.receiveExactly(link.receiver(), HELLO.length - first.length);
            ByteBuffer joined = ByteBuffer.allocate(HELLO.length).put(first).put(rest);
            Expect.bytes(HELLO, joined.array());
        });
        terms.check(checks, "receivedArrayIsTheCallersOwn", link -> {
            link.sender().send(HELLO);
            byte[] first = link.receiver().receive(1);
            byte[] second = link.receiver().receive(1);
            second[0] = 0;
            Terms.receiveExactly(link.receiver(), HELLO.length - 2);
            Expect.equal(HELLO[0], first[0]);
        });
        terms.check(checks, "receiveFillsBuffersOfAllKindsFromTheirPosition", link -> {
            for (ByteBuffer whole : List.of(ByteBuffer.allocate(32), ByteBuffer.allocateDirect(32))) {
                link.sender().send(HELLO);
                ByteBuffer target = whole.slice(4, 28).position(3).limit(3 + HELLO.length);
                while (target.hasRemaining()) {
                    link.receiver().receive(target);
                }
                byte[] all = new byte[32];
                whole.get(0, all);
                ByteBuffer expected = ByteBuffer.allocate(32).put(7, HELLO);
                Expect.bytes(expected.array(), all);
            }
        });
        terms.check(checks, "awaitReceivableTakesNothing", link -> {
            link.sender().send(HELLO);
            link.receiver().awaitReceivable();
            link.receiver().awaitReceivable();
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
    }

    private void arguments() {
        terms.check(checks, "badArgumentsAreRefusedFirst", link -> {
            ByteReceiveStream stream = link.receiver();
            for (int i = 0; i < 2; i++) {
                Expect.failure(IllegalArgumentException.class, () -> stream.receive(0));
                Expect.failure(IllegalArgumentException.class, () -> stream.receive(-1));
                Expect.failure(IllegalArgumentException.class, () -> stream.receive(ByteBuffer.allocate(0)));
                Expect.failure(
                        IllegalArgumentException.class,
                        () -> stream.receive(ByteBuffer.allocate(1).asReadOnlyBuffer()));
                stream.close(); // and on a closed stream too
            }
        });
    }

    private void ends() {
        terms.check(checks, "endComesAfterTheDataAndStays", link -> {
            link.sender().send(HELLO);
            link.sender().close();
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
            Terms.expectEnd(link.receiver());
            Terms.expectEnd(link.receiver());
        });
        terms.check(checks, "awaitReceivableReturnsAtTheEnd", link -> {
            link.sender().close();
            link.receiver().awaitReceivable();
            Terms.expectEnd(link.receiver());
        });
        terms.check(checks, "forEachEndsWithTheStream", link -> {
            link.sender().send(HELLO);
            link.sender().close();
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            link.receiver().forEach(piece -> {
                Expect.that(piece.length > 0, "An empty piece");
                all.write(piece);
            });
            Expect.bytes(HELLO, all.toByteArray());
        });
        terms.check(checks, "whatTheBodyOfForEachThrowsLeavesIt", link -> {
            link.sender().send(HELLO);
            EndOfStreamException own = new EndOfStreamException("the body's own");
            EndOfStreamException left = Expect.failure(
                    EndOfStreamException.class,
                    () -> link.receiver().forEach(piece -> {
                        throw own;
                    }));
            Expect.that(left == own, "Another exception left");
        });
    }

    private void closing() {
        terms.check(checks, "receiveAfterCloseIsClosed", link -> {
            link.sender().send(HELLO);
            link.receiver().close();
            expectClosed(link.receiver());
        });
        terms.check(checks, "closedWinsOverTheEnd", link -> {
            link.sender().close();
            Terms.expectEnd(link.receiver());
            link.receiver().close();
            expectClosed(link.receiver());
        });
        terms.check(checks, "closeOfTheReceiverIsIdempotent", link -> {
            link.receiver().close();
            link.receiver().close();
            expectClosed(link.receiver());
        });
        terms.check(checks, "receiverClosesInACancelledScope", link -> {
            CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                link.receiver().close();
            });
            expectClosed(link.receiver());
        });
        terms.check(checks, "receiverClosesWithTheInterruptStatusSet", link -> {
            boolean kept = terms.start(() -> {
                        Thread.currentThread().interrupt();
                        link.receiver().close();
                        return Thread.interrupted();
                    })
                    .value();
            Expect.that(kept, "The interrupt status was lost");
            expectClosed(link.receiver());
        });
    }

    static void expectClosed(ByteReceiveStream stream) {
        Expect.failure(ClosedResourceException.class, stream::receive);
        Expect.failure(ClosedResourceException.class, () -> stream.receive(1));
        Expect.failure(ClosedResourceException.class, () -> stream.receive(ByteBuffer.allocate(1)));
    }

    private void attributes() {
        terms.check(checks, "receiverKnowsItsAttributesAlsoWhenClosed", link -> {
            Map<Attribute<?>, Optional<?>> before = new HashMap<>();
            terms.attributes().forEach(a -> before.put(a, link.receiver().find(a)));
            link.receiver().close();
            before.forEach((attribute, value) -> {
                Expect.that(value.isPresent(), "Does not know its " + attribute);
                Expect.equal(value, link.receiver().find(attribute));
            });
            Expect.that(link.receiver().find(Attribute.of("unheard of")).isEmpty(), "Knows what nobody does");
        });
    }

    private void cancelledBefore() {
        terms.check(checks, "receiveInACancelledScopeTakesNothing", link -> {
            link.sender().send(HELLO);
            boolean returned = CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                for (int i = 0; i < 2; i++) { // again and again, as long as the scope is entered
                    Expect.failure(
                            CancelledException.class, () -> link.receiver().receive());
                    Expect.failure(
                            CancelledException.class, () -> link.receiver().receive(1));
                    Expect.failure(
                            CancelledException.class, () -> link.receiver().receive(ByteBuffer.allocate(1)));
                }
            });
            Expect.that(returned, "The body was cut short");
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
        terms.check(checks, "receiveWithTheInterruptStatusSetTakesNothing", link -> {
            link.sender().send(HELLO);
            Actor<byte[]> actor = terms.start(() -> {
                Thread.currentThread().interrupt();
                return link.receiver().receive();
            });
            expectInterrupted(actor);
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
    }

    static void expectInterrupted(Actor<?> actor) {
        InterruptedIOException e = actor.failure(InterruptedIOException.class);
        Expect.that(!(e instanceof SocketTimeoutException), "An interrupt looks like a timeout: " + e);
        Expect.that(actor.wasInterrupted(), "The interrupt status was lost");
    }

    private void cancelled() {
        terms.check(checks, "cancelledReceiveLosesNothing", link -> {
            Actor<byte[]> actor = terms.start(() -> link.receiver().receive()).awaitBlocked();
            actor.cancel();
            actor.failure(CancelledException.class);
            link.sender().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
        terms.check(checks, "cancelledReceiveIntoABufferLosesNothing", link -> {
            ByteBuffer target = ByteBuffer.allocate(4);
            Actor<Integer> actor =
                    terms.start(() -> link.receiver().receive(target)).awaitBlocked();
            actor.cancel();
            actor.failure(CancelledException.class);
            Expect.equal(4, target.remaining());
            link.sender().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
        terms.check(checks, "receiveThatIsCancelledAsBytesComeLosesNone", link -> {
            Actor<byte[]> actor = terms.start(() -> link.receiver().receive()).awaitBlocked();
            link.sender().send(HELLO);
            actor.cancel();
            byte[] first = actor.endedBy(CancelledException.class) ? new byte[0] : actor.value();
            byte[] rest = Terms.receiveExactly(link.receiver(), HELLO.length - first.length);
            Expect.bytes(
                    HELLO,
                    ByteBuffer.allocate(HELLO.length).put(first).put(rest).array());
        });
        terms.check(checks, "timedOutReceiveLosesNothing", link -> {
            VirtualTime time = new VirtualTime();
            Actor<byte[]> actor = terms.start(() -> TimeSources.using(
                    time,
                    () -> CancelScope.failAfter(Duration.ofSeconds(5))
                            .call(() -> link.receiver().receive())));
            actor.awaitBlocked();
            time.advance(Duration.ofSeconds(5));
            actor.failure(TimedOutException.class);
            link.sender().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
        terms.check(checks, "cancelledAwaitReceivableLeavesTheStreamUsable", link -> {
            CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                link.receiver().awaitReceivable(); // one that does not wait need not look
            });
            link.sender().send(HELLO);
            link.receiver().awaitReceivable();
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
    }

    private void interrupted() {
        terms.check(checks, "interruptedReceiveLosesNothing", link -> {
            Actor<byte[]> actor = terms.start(() -> link.receiver().receive()).awaitBlocked();
            actor.interrupt();
            expectInterrupted(actor);
            link.sender().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
    }

    private void closedWhileWaiting() {
        terms.check(checks, "closeWakesAWaitingReceive", link -> {
            Actor<byte[]> actor = terms.start(() -> link.receiver().receive()).awaitBlocked();
            link.receiver().close();
            actor.failure(ClosedResourceException.class);
            expectClosed(link.receiver());
            Expect.failure(ClosedResourceException.class, link.receiver()::awaitReceivable);
        });
        terms.check(checks, "peersCloseWakesAWaitingReceive", link -> {
            Actor<Integer> actor = terms.start(() -> link.receiver().receive(ByteBuffer.allocate(9)))
                    .awaitBlocked();
            link.sender().close();
            actor.failure(EndOfStreamException.class);
        });
    }

    private void busy() {
        terms.check(checks, "secondReceiverIsBusyAndDoesNotDisturbTheFirst", link -> {
            Actor<byte[]> first = terms.start(() -> link.receiver().receive()).awaitBlocked();
            Expect.failure(BusyResourceException.class, () -> link.receiver().receive());
            Expect.failure(BusyResourceException.class, () -> link.receiver().receive(ByteBuffer.allocate(1)));
            link.sender().send(HELLO);
            byte[] received = first.value();
            byte[] rest = Terms.receiveExactly(link.receiver(), HELLO.length - received.length);
            Expect.bytes(
                    HELLO,
                    ByteBuffer.allocate(HELLO.length).put(received).put(rest).array());
        });
    }
}

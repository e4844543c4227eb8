package io.bobbinet.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteSendStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.TimeSources;
import io.bobbinet.task.TimedOutException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** What {@link ByteSendStream} promises. */
final class SendChecks {
    private static final byte[] HELLO = "hello, world".getBytes(US_ASCII);

    /** Divides the capacity of most transports, so that no short send is cut. */
    private static final int SHORT = 256;

    private final Terms terms;
    private final List<ContractCheck> checks = new ArrayList<>();

    private SendChecks(Terms terms) {
        this.terms = terms;
    }

    static List<ContractCheck> of(Terms terms) {
        SendChecks checks = new SendChecks(terms);
        checks.data();
        checks.closing();
        checks.attributes();
        checks.cancelledBefore();
        if (terms.have(StreamTrait.SEES_PEER_GONE)) {
            checks.peerGone();
        }
        if (terms.have(StreamTrait.BACK_PRESSURE)) {
            checks.cutOff();
            checks.waiting();
            checks.cancelledWhileWaiting();
        }
        return checks.checks;
    }

    private void data() {
        terms.check(checks, "sendTakesBuffersOfAllKinds", link -> {
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(HELLO.length).put(HELLO).flip();
            ByteBuffer heap = ByteBuffer.wrap(HELLO.clone());
            ByteBuffer part = ByteBuffer.allocate(30)
                    .position(5)
                    .put(HELLO)
                    .flip()
                    .position(5)
                    .slice();
            List<ByteBuffer> kinds = List.of(heap, heap.asReadOnlyBuffer(), direct, direct.asReadOnlyBuffer(), part);
            for (ByteBuffer source : kinds) {
                ByteBuffer content = source.duplicate();
                link.sender().send(source);
                Expect.equal(0, source.remaining());
                Expect.equal(content.limit(), source.limit());
                Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
                Expect.equal(ByteBuffer.wrap(HELLO), content);
            }
        });
        terms.check(checks, "sendOfSeveralBuffersKeepsTheirOrder", link -> {
            ByteBuffer[] parts = {
                ByteBuffer.wrap(HELLO, 0, 3),
                ByteBuffer.allocate(0),
                ByteBuffer.allocateDirect(4).put(HELLO, 3, 4).flip(),
                ByteBuffer.wrap(HELLO, 7, HELLO.length - 7).asReadOnlyBuffer()
            };
            link.sender().send(parts);
            for (ByteBuffer part : parts) {
                Expect.equal(0, part.remaining());
            }
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
        terms.check(checks, "sendOfNothingSendsNothing", link -> {
            link.sender().send(new byte[0]);
            link.sender().send(ByteBuffer.allocate(0));
            link.sender().send(new ByteBuffer[0]);
            link.sender().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
    }

    private void closing() {
        terms.check(checks, "sendAfterCloseIsClosed", link -> {
            link.sender().close();
            expectClosed(link.sender());
        });
        terms.check(checks, "closeOfTheSenderIsIdempotent", link -> {
            link.sender().close();
            link.sender().close();
            expectClosed(link.sender());
        });
        terms.check(checks, "senderClosesInACancelledScope", link -> {
            link.sender().send(HELLO);
            CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                link.sender().close();
            });
            expectClosed(link.sender());
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
            Expect.failure(IOException.class, () -> link.receiver().receive()); // some end, by all means
        });
        terms.check(checks, "senderClosesWithTheInterruptStatusSet", link -> {
            link.sender().send(HELLO);
            boolean kept = terms.start(() -> {
                        Thread.currentThread().interrupt();
                        link.sender().close();
                        return Thread.interrupted();
                    })
                    .value();
            Expect.that(kept, "The interrupt status was lost");
            expectClosed(link.sender());
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
            Expect.failure(IOException.class, () -> link.receiver().receive());
        });
    }

    static void expectClosed(ByteSendStream stream) {
        Expect.failure(ClosedResourceException.class, () -> stream.send(HELLO));
        Expect.failure(ClosedResourceException.class, () -> stream.send(ByteBuffer.wrap(HELLO)));
        Expect.failure(
                ClosedResourceException.class, () -> stream.send(ByteBuffer.wrap(HELLO), ByteBuffer.allocate(1)));
        Expect.failure(ClosedResourceException.class, () -> stream.send(new byte[0]));
    }

    private void attributes() {
        terms.check(checks, "senderKnowsItsAttributesAlsoWhenClosed", link -> {
            Map<Attribute<?>, Optional<?>> before = new HashMap<>();
            terms.attributes().forEach(a -> before.put(a, link.sender().find(a)));
            link.sender().close();
            before.forEach((attribute, value) -> {
                Expect.that(value.isPresent(), "Does not know its " + attribute);
                Expect.equal(value, link.sender().find(attribute));
            });
            Expect.that(link.sender().find(Attribute.of("unheard of")).isEmpty(), "Knows what nobody does");
        });
    }

    private void cancelledBefore() {
        terms.check(checks, "sendInACancelledScopeSendsNothing", link -> {
            ByteBuffer source = ByteBuffer.wrap(HELLO);
            boolean returned = CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                for (int i = 0; i < 2; i++) {
                    Expect.failure(CancelledException.class, () -> link.sender().send(HELLO));
                    Expect.failure(CancelledException.class, () -> link.sender().send(source));
                    Expect.failure(CancelledException.class, () -> link.sender().send(source, source.duplicate()));
                }
            });
            Expect.that(returned, "The body was cut short");
            Expect.equal(HELLO.length, source.remaining());
            byte[] next = "next".getBytes(US_ASCII);
            link.sender().send(next);
            Expect.bytes(next, Terms.receiveExactly(link.receiver(), next.length));
        });
        terms.check(checks, "sendWithTheInterruptStatusSetSendsNothing", link -> {
            Actor<Boolean> actor = terms.start(() -> {
                Thread.currentThread().interrupt();
                link.sender().send(HELLO);
                return true;
            });
            ReceiveChecks.expectInterrupted(actor);
            byte[] next = "next".getBytes(US_ASCII);
            link.sender().send(next);
            Expect.bytes(next, Terms.receiveExactly(link.receiver(), next.length));
        });
    }

    private void peerGone() {
        terms.check(checks, "sendToAPeerThatHasClosedIsBrokenAndStaysSo", link -> {
            link.receiver().close();
            sendUntilBroken(link.sender());
            Expect.failure(BrokenResourceException.class, () -> link.sender().send(HELLO));
            link.sender().close();
            expectClosed(link.sender()); // which wins over broken
        });
        if (terms.have(StreamTrait.BACK_PRESSURE)) {
            terms.check(checks, "peersCloseWakesAWaitingSend", link -> {
                Actor<Boolean> actor = terms.flood(link).awaitBlocked();
                link.receiver().close();
                actor.failure(BrokenResourceException.class);
            });
        }
    }

    /** The news may take a few sends to come back. */
    static void sendUntilBroken(ByteSendStream stream) throws IOException {
        try {
            while (true) {
                stream.send(HELLO);
                Thread.yield();
            }
        } catch (BrokenResourceException e) {
            // That is it.
        }
    }

    private void cutOff() {
        terms.check(checks, "sendThatIsCancelledInItsMiddlePoisonsTheSending", link -> {
            Actor<Boolean> actor = terms.flood(link).awaitBlocked();
            actor.cancel();
            actor.failure(CancelledException.class);
            expectPoisoned(link);
        });
        terms.check(checks, "sendThatTimesOutInItsMiddlePoisonsTheSending", link -> {
            VirtualTime time = new VirtualTime();
            Actor<Boolean> actor = terms.start(() -> TimeSources.using(
                    time,
                    () -> CancelScope.failAfter(Duration.ofSeconds(5)).call(() -> {
                        link.sender().send(ByteBuffer.wrap(Terms.FLOOD), ByteBuffer.wrap(HELLO));
                        return true;
                    })));
            actor.awaitBlocked();
            time.advance(Duration.ofSeconds(5));
            actor.failure(TimedOutException.class);
            expectPoisoned(link);
        });
        terms.check(checks, "sendThatIsInterruptedInItsMiddlePoisonsTheSending", link -> {
            Actor<Boolean> actor = terms.flood(link).awaitBlocked();
            actor.interrupt();
            ReceiveChecks.expectInterrupted(actor);
            expectPoisoned(link);
        });
        terms.check(checks, "closeDuringASendShowsTheCut", link -> {
            Actor<Boolean> actor = terms.flood(link).awaitBlocked();
            link.sender().close();
            actor.failure(ClosedResourceException.class);
            expectCut(link);
        });
    }

    private void expectPoisoned(ByteLink link) throws IOException {
        for (int i = 0; i < 2; i++) {
            BrokenResourceException e = Expect.failure(
                    BrokenResourceException.class, () -> link.sender().send(HELLO));
            Expect.that(
                    String.valueOf(e.getMessage()).matches("(?s).*[1-9].*"),
                    "It does not say how many bytes went out: " + e.getMessage());
        }
        link.sender().close();
        expectClosed(link.sender());
        expectCut(link);
    }

    private void expectCut(ByteLink link) {
        IOException end = Terms.drain(link.receiver(), Terms.FLOOD);
        if (terms.have(StreamTrait.SHOWS_CUT)) {
            Expect.type(BrokenResourceException.class, end);
            Expect.failure(BrokenResourceException.class, () -> link.receiver().receive());
        } else {
            Expect.that(
                    end instanceof EndOfStreamException || end instanceof BrokenResourceException,
                    "After what was sent came " + end);
        }
    }

    private void waiting() {
        terms.check(checks, "closeWakesAWaitingSend", link -> {
            Actor<Boolean> actor = terms.flood(link).awaitBlocked();
            link.sender().close();
            actor.failure(ClosedResourceException.class);
            expectClosed(link.sender());
        });
        terms.check(checks, "secondSenderIsBusyAndDoesNotDisturbTheFirst", link -> {
            Actor<Boolean> first = terms.flood(link).awaitBlocked();
            Expect.failure(BusyResourceException.class, () -> link.sender().send(HELLO));
            Expect.failure(
                    BusyResourceException.class,
                    () -> link.sender().send(ByteBuffer.wrap(HELLO), ByteBuffer.wrap(HELLO)));
            byte[] received = Terms.receiveExactly(link.receiver(), terms.size());
            Expect.bytes(Arrays.copyOf(Terms.FLOOD, terms.size()), received);
            first.cancel();
            first.failure(CancelledException.class);
        });
    }

    /** Short sends, of which the one that waits has most often sent nothing. */
    private void cancelledWhileWaiting() {
        terms.check(checks, "sendThatIsCancelledBeforeItsFirstByteLeavesTheStreamAsItWas", link -> {
            AtomicInteger begun = new AtomicInteger();
            AtomicInteger sent = new AtomicInteger();
            Actor<Boolean> actor = terms.start(() -> {
                while (true) {
                    begun.set(sent.get());
                    ByteBuffer piece = ByteBuffer.wrap(Terms.FLOOD, sent.get(), SHORT);
                    try {
                        link.sender().send(piece);
                    } finally {
                        sent.set(piece.position());
                    }
                }
            });
            actor.awaitBlocked();
            actor.cancel();
            actor.failure(CancelledException.class);
            if (sent.get() > begun.get()) { // all of it even: what is encrypted counts as sent
                expectPoisoned(link);
                return;
            }
            byte[] received = Terms.receiveExactly(link.receiver(), sent.get());
            Expect.bytes(Arrays.copyOf(Terms.FLOOD, sent.get()), received);
            link.sender().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(link.receiver(), HELLO.length));
        });
    }
}

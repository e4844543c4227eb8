package io.bobbinet.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What {@link ByteStream} promises beside what its two directions do. */
final class TwoWayChecks {
    private static final byte[] HELLO = "hello, world".getBytes(US_ASCII);

    private final Terms terms;
    private final List<ContractCheck> checks = new ArrayList<>();

    private TwoWayChecks(Terms terms) {
        this.terms = terms;
    }

    static List<ContractCheck> of(Terms terms) {
        TwoWayChecks checks = new TwoWayChecks(terms);
        checks.directions();
        checks.closed();
        if (terms.have(StreamTrait.HALF_CLOSE)) {
            checks.halfClose();
            checks.cutShort();
        } else {
            checks.noHalfClose();
        }
        if (terms.have(StreamTrait.SEES_PEER_GONE)) {
            checks.broken();
        }
        return checks.checks;
    }

    private record Ends(ByteStream near, ByteStream far) {}

    private void check(String name, ThrowingConsumer<Ends, ?> body) {
        terms.check(
                checks, name, link -> body.accept(new Ends((ByteStream) link.sender(), (ByteStream) link.receiver())));
    }

    private void directions() {
        check("bothDirectionsWork", ends -> {
            ends.near().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(ends.far(), HELLO.length));
            ends.far().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(ends.near(), HELLO.length));
        });
        check("aSenderAndAReceiverWorkAtTheSameTime", ends -> {
            Actor<byte[]> receiver = terms.start(() -> ends.near().receive()).awaitBlocked();
            ends.near().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(ends.far(), HELLO.length));
            ends.far().send(new byte[] {7});
            Expect.bytes(new byte[] {7}, receiver.value());
        });
        if (terms.have(StreamTrait.BACK_PRESSURE)) {
            check("receivingLivesOnWhileASendWaitsAndAfterItWasCutOff", ends -> {
                Actor<Boolean> flood =
                        terms.flood(new ByteLink(ends.near(), ends.far())).awaitBlocked();
                ends.far().send(HELLO);
                Expect.bytes(HELLO, Terms.receiveExactly(ends.near(), HELLO.length));
                flood.cancel();
                flood.failure(CancelledException.class);
                ends.far().send(HELLO);
                Expect.bytes(HELLO, Terms.receiveExactly(ends.near(), HELLO.length));
            });
        }
    }

    private void closed() {
        check("sendEofAfterCloseIsClosed", ends -> {
            ends.near().close();
            Expect.failure(ClosedResourceException.class, ends.near()::sendEof);
        });
        check("closeEndsBothDirections", ends -> {
            Actor<byte[]> receiver = terms.start(() -> ends.near().receive()).awaitBlocked();
            ends.near().close();
            receiver.failure(ClosedResourceException.class);
            ReceiveChecks.expectClosed(ends.near());
            SendChecks.expectClosed(ends.near());
            Expect.failure(EndOfStreamException.class, () -> ends.far().receive());
        });
    }

    private void halfClose() {
        check("sendEofEndsOneDirectionOnly", ends -> {
            ends.near().send(HELLO);
            ends.near().sendEof();
            Expect.bytes(HELLO, Terms.receiveExactly(ends.far(), HELLO.length));
            Terms.expectEnd(ends.far());
            ends.far().send(HELLO);
            ends.far().close();
            Expect.bytes(HELLO, Terms.receiveExactly(ends.near(), HELLO.length));
            Terms.expectEnd(ends.near());
        });
        check("sendEofIsIdempotentAndSendsAfterItAreClosed", ends -> {
            ends.near().sendEof();
            ends.near().sendEof();
            SendChecks.expectClosed(ends.near());
            ends.near().sendEof();
            Terms.expectEnd(ends.far());
        });
        check("sendEofWorksWhileAReceiveWaits", ends -> {
            Actor<byte[]> receiver = terms.start(() -> ends.near().receive()).awaitBlocked();
            ends.near().sendEof();
            Terms.expectEnd(ends.far());
            ends.far().send(new byte[] {7});
            Expect.bytes(new byte[] {7}, receiver.value());
        });
        check("sendEofInACancelledScopeEndsNothing", ends -> {
            CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                Expect.failure(CancelledException.class, ends.near()::sendEof);
            });
            ends.near().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(ends.far(), HELLO.length));
            ends.near().sendEof();
            Terms.expectEnd(ends.far());
        });
    }

    private void cutShort() {
        if (!terms.have(StreamTrait.BACK_PRESSURE)) {
            return;
        }
        check("sendEofWhileASendWaitsIsBusy", ends -> {
            ByteLink link = new ByteLink(ends.near(), ends.far());
            Actor<Boolean> flood = terms.flood(link).awaitBlocked();
            Expect.failure(BusyResourceException.class, ends.near()::sendEof);
            flood.cancel();
            flood.failure(CancelledException.class);
        });
        check("sendEofAfterASendWasCutOffIsBroken", ends -> {
            Actor<Boolean> flood =
                    terms.flood(new ByteLink(ends.near(), ends.far())).awaitBlocked();
            flood.cancel();
            flood.failure(CancelledException.class);
            Expect.failure(BrokenResourceException.class, ends.near()::sendEof);
        });
    }

    private void noHalfClose() {
        check("sendEofThatIsNotSupportedSaysSoAndLeavesTheStreamUsable", ends -> {
            Expect.failure(UnsupportedOperationException.class, ends.near()::sendEof);
            ends.near().send(HELLO);
            Expect.bytes(HELLO, Terms.receiveExactly(ends.far(), HELLO.length));
        });
    }

    private void broken() {
        check("brokenPipeMetByASendIsNoEndForTheReceiver", ends -> {
            ends.far().close();
            SendChecks.sendUntilBroken(ends.near());
            for (int i = 0; i < 2; i++) {
                Expect.failure(BrokenResourceException.class, () -> ends.near().receive());
                Expect.failure(BrokenResourceException.class, () -> ends.near().receive(ByteBuffer.allocate(1)));
            }
            ends.near().close();
            ReceiveChecks.expectClosed(ends.near());
        });
        check("dataThatCameBeforeTheBreakIsReceivedFirst", ends -> {
            ends.far().send(HELLO);
            ends.far().close();
            SendChecks.sendUntilBroken(ends.near());
            IOException end = Terms.drain(ends.near(), HELLO);
            Expect.type(BrokenResourceException.class, end);
        });
    }
}

package io.bobbinet.testkit;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.TimeSources;
import io.bobbinet.task.TimedOutException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What {@link io.bobbinet.net.DatagramTransport} promises about receiving and closing. */
final class TransportReceiveChecks<A extends SocketAddress> {
    private final DatagramTerms<A> terms;
    private final List<ContractCheck> checks = new ArrayList<>();

    private TransportReceiveChecks(DatagramTerms<A> terms) {
        this.terms = terms;
    }

    static <A extends SocketAddress> List<ContractCheck> of(DatagramTerms<A> terms) {
        TransportReceiveChecks<A> checks = new TransportReceiveChecks<>(terms);
        checks.data();
        checks.limits();
        checks.cancelled();
        checks.interrupted();
        checks.closed();
        checks.loops();
        checks.addresses();
        return checks.checks;
    }

    private void data() {
        terms.check(checks, "datagramsKeepBoundariesAndOrder", link -> {
            for (byte i = 0; i < 10; i++) {
                link.sender().send(new byte[] {i, i});
            }
            for (byte i = 0; i < 10; i++) {
                link.expect(i, i);
            }
        });
        terms.check(checks, "emptyDatagramIsData", link -> {
            link.sender().send(new byte[0]);
            link.sender().send(new byte[] {1});
            link.expect();
            link.expect((byte) 1);
        });
        terms.check(checks, "receivedArrayIsTheCallersOwn", link -> {
            byte[] sent = {1, 2};
            link.sender().send(sent);
            sent[0] = 9;
            Datagram<A> datagram = link.receiver().receive();
            link.sender().send(new byte[] {3, 4});
            link.expect((byte) 3, (byte) 4);
            link.expect(datagram, (byte) 1, (byte) 2);
        });
        terms.check(checks, "longDatagramIsWhole", link -> {
            byte[] data = new Pattern(1).bytes(0, 60_000);
            link.sender().send(data);
            link.expect(data);
        });
    }

    private void limits() {
        terms.check(checks, "datagramIsCutAtTheMaximum", link -> {
            link.sender().send(new byte[] {1, 2, 3});
            link.sender().send(new byte[] {4, 5});
            Datagram<A> cut = link.receiver().receive(2);
            Expect.value(cut.data(), new byte[] {1, 2}, "What is left");
            Expect.that(cut.isTruncated(), "It is not flagged: " + cut);
            OptionalInt length = cut.length();
            Expect.that(length.isEmpty() || length.getAsInt() == 3, "The length is " + length);
            link.expect(link.receiver().receive(2), (byte) 4, (byte) 5);
        });
        terms.check(checks, "badMaximumIsRefusedFirst", link -> {
            for (int i = 0; i < 2; i++) {
                Expect.failure(
                        IllegalArgumentException.class, () -> link.receiver().receive(0));
                Expect.failure(
                        IllegalArgumentException.class, () -> link.receiver().receive(-1));
                link.receiver().close(); // and on a closed transport too
            }
        });
        terms.check(checks, "secondReceiverIsBusyAndDoesNotDisturbTheFirst", link -> {
            Actor<Datagram<A>> first =
                    terms.start(() -> link.receiver().receive()).awaitBlocked();
            Expect.failure(BusyResourceException.class, () -> link.receiver().receive());
            Expect.failure(
                    BusyResourceException.class, () -> link.receiver().receiveBatch(DatagramBatch.allocate(1, 1)));
            link.sender().send(new byte[] {1});
            link.expect(first.value(), (byte) 1);
        });
    }

    private void cancelled() {
        terms.check(checks, "receiveInACancelledScopeTakesNothing", link -> {
            link.sender().send(new byte[] {1});
            CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                Expect.failure(CancelledException.class, () -> link.receiver().receive());
                Expect.failure(
                        CancelledException.class, () -> link.receiver().receiveBatch(DatagramBatch.allocate(1, 1)));
            });
            link.expect((byte) 1);
        });
        terms.check(checks, "cancelledReceiveTakesNothing", link -> {
            Actor<Datagram<A>> actor =
                    terms.start(() -> link.receiver().receive()).awaitBlocked();
            actor.cancel();
            actor.failure(CancelledException.class);
            link.sender().send(new byte[] {1});
            link.expect((byte) 1);
        });
        terms.check(checks, "receiveThatIsCancelledAsADatagramComesLosesNone", link -> {
            Actor<Datagram<A>> actor =
                    terms.start(() -> link.receiver().receive()).awaitBlocked();
            link.sender().send(new byte[] {1});
            actor.cancel();
            link.expect(
                    actor.endedBy(CancelledException.class) ? link.receiver().receive() : actor.value(), (byte) 1);
        });
        terms.check(checks, "timedOutReceiveTakesNothing", link -> {
            VirtualTime time = new VirtualTime();
            Actor<Datagram<A>> actor = terms.start(() -> TimeSources.using(
                    time,
                    () -> CancelScope.failAfter(Duration.ofSeconds(5))
                            .call(() -> link.receiver().receive())));
            actor.awaitBlocked();
            time.advance(Duration.ofSeconds(5));
            actor.failure(TimedOutException.class);
            link.sender().send(new byte[] {1});
            link.expect((byte) 1);
        });
    }

    private void interrupted() {
        terms.check(checks, "interruptedReceiveTakesNothing", link -> {
            Actor<Datagram<A>> actor =
                    terms.start(() -> link.receiver().receive()).awaitBlocked();
            actor.interrupt();
            ReceiveChecks.expectInterrupted(actor);
            link.sender().send(new byte[] {1});
            link.expect((byte) 1);
        });
        terms.check(checks, "receiveWithTheInterruptStatusSetTakesNothing", link -> {
            link.sender().send(new byte[] {1});
            Actor<Datagram<A>> actor = terms.start(() -> {
                Thread.currentThread().interrupt();
                return link.receiver().receive();
            });
            ReceiveChecks.expectInterrupted(actor);
            link.expect((byte) 1);
        });
    }

    private void closed() {
        terms.check(checks, "closeWakesAWaitingReceive", link -> {
            Actor<Datagram<A>> actor =
                    terms.start(() -> link.receiver().receive()).awaitBlocked();
            link.receiver().close();
            actor.failure(ClosedResourceException.class);
            expectClosed(link.receiver());
        });
        terms.check(checks, "closedWinsOverDatagramsThatAreThere", link -> {
            link.sender().send(new byte[] {1});
            link.sender().send(new byte[] {2});
            link.expect((byte) 1);
            link.receiver().close();
            link.receiver().close();
            expectClosed(link.receiver());
        });
        terms.check(checks, "transportClosesInACancelledScopeAndWithTheInterruptStatusSet", link -> {
            CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                link.receiver().close();
            });
            expectClosed(link.receiver());
            boolean kept = terms.start(() -> {
                        Thread.currentThread().interrupt();
                        link.sender().close();
                        return Thread.interrupted();
                    })
                    .value();
            Expect.that(kept, "The interrupt status was lost");
            expectClosed(link.sender());
        });
    }

    private static <A extends SocketAddress> void expectClosed(ConnectedDatagramTransport<A> transport) {
        DatagramBatch<A> batch = DatagramBatch.allocate(1, 1);
        Expect.failure(ClosedResourceException.class, transport::receive);
        Expect.failure(ClosedResourceException.class, () -> transport.receive(1));
        Expect.failure(ClosedResourceException.class, () -> transport.receiveBatch(batch));
        Expect.failure(ClosedResourceException.class, () -> transport.send(new byte[1]));
        Expect.failure(
                ClosedResourceException.class, () -> transport.send(Datagram.of(new byte[1], transport.peerAddress())));
        Expect.failure(ClosedResourceException.class, () -> transport.sendBatch(batch));
        Expect.failure(ClosedResourceException.class, () -> transport.serve(datagram -> {}));
    }

    private void loops() {
        terms.check(checks, "forEachEndsWhenItsBodyClosesTheTransport", link -> {
            for (byte i = 0; i < 3; i++) {
                link.sender().send(new byte[] {i});
            }
            List<Datagram<A>> seen = new ArrayList<>();
            link.receiver().forEach(datagram -> {
                seen.add(datagram);
                if (seen.size() == 2) {
                    link.receiver().close();
                }
            });
            Expect.value(seen.size(), 2, "The number of datagrams");
            link.receiver().forEach(seen::add); // and so does one that comes later
            Expect.value(seen.size(), 2, "The number of datagrams");
        });
        terms.check(checks, "whatTheBodyOfForEachThrowsLeavesIt", link -> {
            link.sender().send(new byte[] {1});
            ClosedResourceException own = new ClosedResourceException("the body's own");
            ClosedResourceException left = Expect.failure(
                    ClosedResourceException.class,
                    () -> link.receiver().forEach(datagram -> {
                        throw own;
                    }));
            Expect.that(left == own, "Another exception left");
        });
    }

    private void addresses() {
        terms.check(checks, "addressesAreKnownAlsoWhenClosed", link -> {
            for (int i = 0; i < 2; i++) {
                Expect.equal(link.sender().localAddress(), link.receiver().peerAddress());
                Expect.equal(link.receiver().localAddress(), link.sender().peerAddress());
                Expect.equal(
                        Optional.of(link.sender().localAddress()), link.sender().find(SocketAttributes.LOCAL_ADDRESS));
                Expect.equal(
                        Optional.of(link.sender().peerAddress()), link.sender().find(SocketAttributes.PEER_ADDRESS));
                Expect.that(link.sender().find(Attribute.of("unheard of")).isEmpty(), "Knows what nobody does");
                link.sender().close();
                link.receiver().close();
            }
        });
    }
}

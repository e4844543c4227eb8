package io.bobbinet.testkit;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Datagram;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.ThrowingCallable;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * On what terms a datagram transport is checked.
 *
 * @param kind on what the calls run that wait
 * @param pairs makes two that are connected
 * @param reversed whether they change places
 */
record DatagramTerms<A extends SocketAddress>(
        Actor.Kind kind, PairFactory<? extends ConnectedDatagramTransport<A>> pairs, boolean reversed) {

    /**
     * Two transports, one to send and one to receive.
     *
     * @param sender what the check sends by, mostly
     * @param receiver what it receives by, mostly
     */
    record Link<A extends SocketAddress>(ConnectedDatagramTransport<A> sender, ConnectedDatagramTransport<A> receiver) {

        /** What is received next must be just this, and have come whole from the sender. */
        void expect(byte... bytes) throws IOException {
            expect(receiver.receive(), bytes);
        }

        void expect(Datagram<A> datagram, byte... bytes) {
            Expect.value(datagram.data(), bytes, "What was received");
            Expect.that(!datagram.isTruncated(), "It is truncated: " + datagram);
            Expect.value(datagram.length().orElse(-1), bytes.length, "The length");
            Expect.value(datagram.peer(), Optional.of(sender.localAddress()), "The sender");
        }
    }

    /** Adds a check. Its transports are made on the thread of the caller, which may have bound a backend. */
    void check(List<ContractCheck> checks, String name, ThrowingConsumer<Link<A>, ?> body) {
        checks.add(new ContractCheck(name, () -> {
            try (StreamPair<? extends ConnectedDatagramTransport<A>> pair = pairs.open()) {
                Link<A> link = reversed ? new Link<>(pair.right(), pair.left()) : new Link<>(pair.left(), pair.right());
                start(() -> {
                            body.accept(link);
                            return true;
                        })
                        .value();
            }
        }));
    }

    <T> Actor<T> start(ThrowingCallable<T, ?> call) {
        return Actor.start(kind, call);
    }
}

package io.bobbinet.testkit;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Datagram;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** What {@link io.bobbinet.net.DatagramTransport} promises about serving. */
final class TransportServeChecks<A extends SocketAddress> {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final DatagramTerms<A> terms;
    private final List<ContractCheck> checks = new ArrayList<>();

    private TransportServeChecks(DatagramTerms<A> terms) {
        this.terms = terms;
    }

    static <A extends SocketAddress> List<ContractCheck> of(DatagramTerms<A> terms) {
        TransportServeChecks<A> checks = new TransportServeChecks<>(terms);
        checks.serves();
        checks.ends();
        return checks.checks;
    }

    private Actor<Boolean> serve(
            ConnectedDatagramTransport<A> transport, ThrowingConsumer<? super Datagram<A>, ?> handler) {
        return terms.start(() -> {
            transport.serve(handler);
            return true;
        });
    }

    private static <A extends SocketAddress> void ask(ConnectedDatagramTransport<A> transport, int... bytes)
            throws IOException {
        for (int b : bytes) {
            transport.send(new byte[] {(byte) b});
            Expect.value(transport.receive().data(), new byte[] {(byte) b, 0}, "The answer");
        }
    }

    /** Gives back a byte more than came. */
    private static <A extends SocketAddress> ThrowingConsumer<Datagram<A>, IOException> echo(
            ConnectedDatagramTransport<A> transport) {
        return datagram -> transport.send(datagram.reply(new byte[] {datagram.data()[0], 0}));
    }

    private void serves() {
        terms.check(checks, "handlersAnswer", link -> {
            Actor<Boolean> server = serve(link.receiver(), echo(link.receiver()));
            ask(link.sender(), 1, 2, 3);
            link.receiver().drain(LONG);
            server.value();
            Expect.failure(ClosedResourceException.class, () -> link.receiver().receive());
        });
        terms.check(checks, "handlerThatFailsIsReportedAndConcernsNoOther", link -> {
            Queue<Object> reported = new ConcurrentLinkedQueue<>();
            ServeOptions options = ServeOptions.defaults().withFailureReporter((datagram, failure) -> {
                reported.add(datagram);
                reported.add(failure);
            });
            IllegalStateException failure = new IllegalStateException("as asked for");
            Actor<Boolean> server = terms.start(() -> {
                link.receiver()
                        .serve(
                                datagram -> {
                                    if (datagram.data().length == 0) {
                                        throw failure;
                                    }
                                    echo(link.receiver()).accept(datagram);
                                },
                                options);
                return true;
            });
            link.sender().send(new byte[0]);
            ask(link.sender(), 1, 2);
            link.receiver().drain(LONG);
            server.value();
            Expect.value(reported.size(), 2, "The number of what was reported");
            Expect.that(reported.remove() instanceof Datagram<?>, "The datagram must be reported");
            Expect.that(reported.remove() == failure, "The failure must be reported");
        });
        terms.check(checks, "receivingStopsWhileAsManyHandlersRunAsMay", link -> {
            CountDownLatch go = new CountDownLatch(1);
            Queue<Byte> begun = new ConcurrentLinkedQueue<>();
            ServeOptions options = ServeOptions.defaults().withMaxConnections(1);
            Actor<Boolean> server = terms.start(() -> {
                link.receiver()
                        .serve(
                                datagram -> {
                                    begun.add(datagram.data()[0]);
                                    link.receiver().send(datagram.reply(new byte[] {(byte) begun.size()}));
                                    go.await();
                                },
                                options);
                return true;
            });
            link.sender().send(new byte[] {1});
            link.sender().send(new byte[] {2});
            Expect.value(link.sender().receive().data(), new byte[] {1}, "The first answer");
            server.awaitBlocked();
            Expect.value(begun.size(), 1, "The number of handlers");
            go.countDown();
            Expect.value(link.sender().receive().data(), new byte[] {2}, "The second answer");
            link.receiver().drain(LONG);
            server.value();
        });
    }

    private void ends() {
        terms.check(checks, "drainLetsAHandlerAnswer", link -> {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            Actor<Boolean> server = serve(link.receiver(), datagram -> {
                begun.countDown();
                go.await();
                echo(link.receiver()).accept(datagram);
            });
            link.sender().send(new byte[] {1});
            begun.await();
            link.receiver().drain(LONG);
            go.countDown();
            Expect.value(link.sender().receive().data(), new byte[] {1, 0}, "The answer");
            server.value();
        });
        terms.check(checks, "drainWithNobodyServingCloses", link -> {
            link.receiver().drain(LONG);
            Expect.failure(ClosedResourceException.class, () -> link.receiver().receive());
            link.receiver().serve(datagram -> {}); // as if it had come before the drain
        });
        terms.check(checks, "closeEndsServingAndItsHandlers", link -> {
            CountDownLatch ended = new CountDownLatch(1);
            CountDownLatch begun = new CountDownLatch(1);
            Actor<Boolean> server = serve(link.receiver(), datagram -> {
                try {
                    begun.countDown();
                    new CountDownLatch(1).await();
                } finally {
                    ended.countDown();
                }
            });
            link.sender().send(new byte[] {1});
            begun.await();
            link.receiver().close();
            server.failure(ClosedResourceException.class);
            Expect.value(ended.getCount(), 0L, "Handlers that have not ended");
        });
        terms.check(checks, "cancelledServeLeavesTheTransportOpen", link -> {
            Actor<Boolean> server =
                    serve(link.receiver(), echo(link.receiver())).awaitBlocked();
            ask(link.sender(), 1);
            server.awaitBlocked();
            server.cancel();
            server.failure(CancelledException.class);
            link.sender().send(new byte[] {2});
            link.expect((byte) 2);
        });
    }
}

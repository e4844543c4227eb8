package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.bytes;
import static io.bobbinet.tests.tls.TlsSides.drained;
import static io.bobbinet.tests.tls.TlsSides.text;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.stream.Serving;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryListener;
import io.bobbinet.testkit.VirtualTime;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A listener whose clients do not speak, speak nonsense, or leave; and what it is like for the others. */
@Timeout(30)
class TlsServeTest {
    private record Report(Object connection, Throwable failure) {}

    private final MemoryListener below = MemoryListener.open();
    private final Listener<TlsStream> listener = Tls.listener(below, TlsSides.server());
    private final LinkedBlockingQueue<Report> reports = new LinkedBlockingQueue<>();
    private final AtomicInteger handled = new AtomicInteger();
    private final ServeOptions options = ServeOptions.defaults()
            .withFailureReporter((connection, failure) -> reports.add(new Report(connection, failure)));

    private void echo(TlsStream stream) throws IOException {
        handled.incrementAndGet();
        stream.forEach(stream::send);
    }

    private TlsStream client() throws IOException {
        return Tls.client(below.connector().connect(), TlsSides.client());
    }

    private static String ask(ByteStream client, String question) throws IOException {
        client.send(bytes(question));
        return text(client.receive());
    }

    private Report onlyReport() throws InterruptedException {
        Report report = reports.take();
        assertThat(reports).isEmpty();
        return report;
    }

    // -- clients that fail

    @Test
    @Tag("smoke")
    void aSilentClientIsClosedWhenItsTimeIsOverAndNoOther() throws Exception {
        VirtualTime.run(time -> TaskGroup.<Exception>run(group -> {
            group.fork(() -> listener.serve(this::echo, options));
            ByteStream silent = below.connector().connect();
            TlsStream good = client();
            assertThat(ask(good, "one")).isEqualTo("one");
            Task<byte[]> end = group.fork(() -> drained(silent));
            while (time.pending() == 0) {
                Thread.onSpinWait(); // until the handshake of the silent one has begun
            }
            time.advance(ofMillis(29_999));
            assertThat(ask(good, "two")).isEqualTo("two");
            assertThat(reports).isEmpty();
            time.advance(ofMillis(1));
            assertThat(end.join()).isEmpty();
            assertThat(onlyReport().failure)
                    .isExactlyInstanceOf(TimedOutException.class)
                    .hasMessageContaining("handshake");
            assertThat(ask(good, "three")).isEqualTo("three");
            assertThat(handled).hasValue(1);
            good.close();
            listener.drain(ofSeconds(1));
        }));
    }

    @Test
    @Tag("smoke")
    void garbageFromOneClientIsReportedOnceAndTheNextIsServed() throws Exception {
        TaskGroup.<Exception>run(group -> {
            group.fork(() -> listener.serve(this::echo, options));
            ByteStream bad = below.connector().connect();
            bad.send(bytes("GET / HTTP/1.1\r\n\r\n"));
            assertThat(drained(bad)).as("an alert").startsWith(21);
            Report report = onlyReport();
            assertThat(report.failure).isInstanceOf(SSLException.class);
            assertThat(report.connection).isInstanceOf(TlsStream.class);
            assertThatThrownBy(() -> ((TlsStream) report.connection).receive())
                    .as("closed by then")
                    .isExactlyInstanceOf(ClosedResourceException.class);
            TlsStream good = client();
            assertThat(ask(good, "hello")).isEqualTo("hello");
            assertThat(handled).hasValue(1);
            good.close();
            listener.drain(ofSeconds(1));
        });
        assertThat(reports).isEmpty();
    }

    @Test
    void aClientThatConnectsAndLeavesIsReportedAsBroken() throws Exception {
        TaskGroup.<Exception>run(group -> {
            group.fork(() -> listener.serve(this::echo, options));
            below.connector().connect().close();
            Report report = onlyReport();
            assertThat(report.failure).isExactlyInstanceOf(BrokenResourceException.class);
            assertThat(report.connection).isInstanceOf(TlsStream.class);
            assertThat(handled).hasValue(0);
            listener.drain(ofSeconds(1));
        });
    }

    @Test
    void aClientThatDoesNotTrustUsIsReportedWithItsAlert() throws Exception {
        TaskGroup.<Exception>run(group -> {
            group.fork(() -> listener.serve(this::echo, options));
            assertThatThrownBy(() -> Tls.client(below.connector().connect(), "localhost"))
                    .isInstanceOf(SSLException.class);
            assertThat(onlyReport().failure).isInstanceOf(SSLException.class).hasMessageContaining("fatal alert");
            assertThat(handled).hasValue(0);
            listener.drain(ofSeconds(1));
        });
    }

    @Test
    void aFailedHandshakeEndsNoGroup() throws IOException {
        TaskGroup.run(group -> {
            TaskGroup.run(handlers -> {
                Task<Void> serve = group.fork(() -> listener.serve(this::echo, handlers));
                ByteStream bad = below.connector().connect();
                bad.send(bytes("nonsense"));
                drained(bad);
                below.connector().connect().close();
                TlsStream good = client();
                assertThat(ask(good, "hello")).isEqualTo("hello");
                good.close();
                listener.drain(ofSeconds(1));
                serve.join();
            });
        });
        assertThat(handled).hasValue(1);
    }

    @Test
    void aHandlerThatFailsEndsItsGroup() {
        IOException own = new IOException("the handler's");
        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    group.fork(() -> listener.serve(
                            stream -> {
                                throw own;
                            },
                            group));
                    drained(client());
                }))
                .isSameAs(own);
    }

    @Test
    void aHandlerThatFailsIsReportedAsWithAnyListener() throws Exception {
        TaskGroup.<Exception>run(group -> {
            group.fork(() -> listener.serve(
                    stream -> {
                        throw new IllegalStateException("as told");
                    },
                    options));
            assertThatThrownBy(() -> client().receive()).isExactlyInstanceOf(EndOfStreamException.class);
            assertThat(onlyReport().failure)
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessage("as told");
            listener.drain(ofSeconds(1));
        });
    }

    @Test
    void aReporterThatFailsEndsNothing() throws IOException {
        ServeOptions failing = ServeOptions.defaults().withFailureReporter((connection, failure) -> {
            handled.addAndGet(100);
            throw new IllegalStateException("the reporter's own");
        });
        TaskGroup.run(group -> {
            group.fork(() -> listener.serve(this::echo, failing));
            ByteStream bad = below.connector().connect();
            bad.send(bytes("nonsense"));
            drained(bad);
            TlsStream good = client();
            assertThat(ask(good, "hello")).isEqualTo("hello");
            good.close();
            listener.drain(ofSeconds(1));
        });
        assertThat(handled).as("a report and a connection").hasValue(101);
    }

    // -- the end of serving

    @Test
    void aHandshakeCutByTheEndOfServingIsNoFailure() throws IOException {
        TaskGroup.run(group -> {
            MoveOnScope scope = CancelScope.create();
            Task<Boolean> serve = group.fork(() -> scope.run(() -> listener.serve(this::echo, options)));
            ByteStream silent = below.connector().connect();
            Blocked.await(serve, "receive"); // it accepts the next one
            scope.cancel();
            assertThat(serve.join()).isFalse();
            assertThat(drained(silent)).isEmpty();
        });
        assertThat(reports).isEmpty();
        assertThat(handled).hasValue(0);
        listener.close();
    }

    @Test
    void closingTheListenerClosesTheOneBelowAndEndsServing() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> {
                assertThatThrownBy(() -> listener.serve(this::echo, options))
                        .isExactlyInstanceOf(ClosedResourceException.class);
            });
            TlsStream good = client();
            assertThat(ask(good, "hello")).isEqualTo("hello");
            listener.close();
            serve.join();
            assertThatThrownBy(() -> good.receive()).as("cut").isExactlyInstanceOf(BrokenResourceException.class);
            good.close();
        });
        assertThatThrownBy(below::accept).isExactlyInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(listener::accept).isExactlyInstanceOf(ClosedResourceException.class);
    }

    @Test
    void drainLetsHandlersEndAndGivesUpSilentClients() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> listener.serve(this::echo, options));
            TlsStream good = client();
            assertThat(ask(good, "hello")).isEqualTo("hello");
            ByteStream silent = below.connector().connect();
            while (time.pending() == 0) {
                Thread.onSpinWait(); // until the handshake of the silent one has begun
            }
            listener.drain(ofSeconds(3));
            assertThat(ask(good, "still here")).isEqualTo("still here");
            good.close();
            time.advance(ofSeconds(3));
            serve.join();
            assertThat(drained(silent)).isEmpty();
        }));
        assertThat(reports).isEmpty();
    }

    // -- accepting by hand

    @Test
    void acceptDoesNotWaitForTheClientToSpeak() throws IOException {
        List<ByteStream> silent = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            silent.add(below.connector().connect());
            silent.add(listener.accept());
        }
        TaskGroup.run(group -> {
            Task<TlsStream> client = group.fork(this::client);
            TlsStream server = listener.accept();
            server.handshake();
            client.join().send(bytes("hello"));
            assertThat(text(server.receive())).isEqualTo("hello");
            client.join().close();
            server.close();
        });
        for (ByteStream stream : silent) {
            stream.close();
        }
        listener.close();
    }

    @Test
    void aLoopOverConnectionsGivesThemBeforeTheirHandshake() throws IOException {
        TaskGroup.run(group -> {
            ByteStream silent = below.connector().connect();
            Task<TlsStream> client = group.fork(this::client);
            List<TlsStream> accepted = new ArrayList<>();
            listener.forEach(stream -> {
                accepted.add(stream);
                if (accepted.size() == 2) {
                    listener.close();
                }
            });
            accepted.get(1).send(bytes("hello"));
            assertThat(text(client.join().receive())).isEqualTo("hello");
            accepted.get(0).close();
            accepted.get(1).close();
            client.join().close();
            assertThat(drained(silent)).isEmpty();
        });
    }

    // -- attributes

    private static final Attribute<String> PLACE = Attribute.of("place");

    /** A listener that knows something of itself. */
    private record Placed(Listener<ByteStream> below) implements Listener<ByteStream> {
        @Override
        public ByteStream accept() throws IOException {
            return below.accept();
        }

        @Override
        public Serving serving() {
            return below.serving();
        }

        @Override
        public void close() throws IOException {
            below.close();
        }

        @Override
        public <T> Optional<T> find(Attribute<T> attribute) {
            return PLACE.match(attribute, "here");
        }
    }

    @Test
    void theListenerHasTheAttributesOfTheOneBelow() throws IOException {
        try (Listener<TlsStream> placed = Tls.listener(new Placed(below), TlsSides.server())) {
            assertThat(placed.find(PLACE)).contains("here");
            assertThat(placed.find(TlsAttributes.SERVER_SIDE)).contains(true);
            assertThat(placed.find(TlsAttributes.END)).isPresent();
            assertThat(placed.find(TlsAttributes.PROTOCOL)).isEmpty();
        }
    }

    @Test
    void handlersHaveTheAttributesOfTheHandshake() throws Exception {
        LinkedBlockingQueue<Optional<?>> found = new LinkedBlockingQueue<>();
        TaskGroup.<Exception>run(group -> {
            group.fork(() -> listener.serve(
                    stream -> {
                        found.add(stream.find(TlsAttributes.PROTOCOL));
                        found.add(stream.find(TlsAttributes.SERVER_NAME));
                        found.add(stream.find(TlsAttributes.SERVER_SIDE));
                        found.add(stream.find(TlsAttributes.LOCAL_CERTIFICATES).map(List::size));
                    },
                    options));
            drained(client());
            assertThat(found)
                    .containsExactly(
                            Optional.of(TlsSides.TLS_1_3), Optional.of("localhost"), Optional.of(true), Optional.of(1));
            listener.drain(ofSeconds(1));
        });
        assertThat(reports).isEmpty();
    }
}

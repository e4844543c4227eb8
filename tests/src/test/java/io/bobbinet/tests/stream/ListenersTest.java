package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.Listeners;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.stream.Serving;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ListenersTest {
    private static final Attribute<String> NAME = Attribute.of("name");
    private static final Attribute<String> OF_FIRST = Attribute.of("of the first");

    private final MemoryListener first = MemoryListener.open();
    private final MemoryListener second = MemoryListener.open();
    private final Listener<ByteStream> merged = Listeners.merge(first, second);

    private static void echo(ByteStream stream) throws IOException {
        stream.forEach(stream::send);
    }

    private static String ask(ByteStream client, String question) throws IOException {
        client.send(bytes(question));
        return text(client.receive());
    }

    /** A listener with attributes, whose closing can fail. */
    private record Named(String name, boolean isFirst, String failure, List<String> closed)
            implements Listener<ByteStream> {
        @Override
        public ByteStream accept() throws IOException {
            throw new ClosedResourceException(name);
        }

        @Override
        public Serving serving() {
            return new Serving();
        }

        @Override
        public void close() throws IOException {
            closed.add(name);
            if (!failure.isEmpty()) {
                throw new IOException(failure);
            }
        }

        @Override
        public <T> Optional<T> find(Attribute<T> attribute) {
            return NAME.match(attribute, name).or(() -> isFirst ? OF_FIRST.match(attribute, name) : Optional.empty());
        }
    }

    @Test
    void mergingNoneIsRefused() {
        fails(IllegalArgumentException.class, () -> Listeners.merge(List.of()));
    }

    @Test
    @Tag("smoke")
    void itAcceptsFromWhicheverHasAConnection() throws IOException {
        second.connector().connect().send(bytes("second"));
        assertThat(text(merged.accept().receive())).isEqualTo("second");
        first.connector().connect().send(bytes("first"));
        assertThat(text(merged.accept().receive())).isEqualTo("first");

        TaskGroup.run(group -> {
            Task<ByteStream> accept = group.fork(() -> merged.accept());
            Blocked.await(accept);
            second.connector().connect().send(bytes("later"));
            assertThat(text(accept.join().receive())).isEqualTo("later");
        });
    }

    @Test
    @Tag("smoke")
    void itServesOnAll() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() -> merged.serve(ListenersTest::echo));
            List<ByteStream> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add((i % 2 == 0 ? first : second).connector().connect());
            }
            for (ByteStream client : clients) {
                assertThat(ask(client, "hello")).isEqualTo("hello");
                client.close();
            }
            merged.drain(ofSeconds(10));
            serve.join();
            fails(IOException.class, () -> first.connector().connect());
            fails(IOException.class, () -> second.connector().connect());
        });
    }

    @Test
    void itsLimitIsOneForAll() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve = group.fork(() ->
                    merged.serve(ListenersTest::echo, ServeOptions.defaults().withMaxConnections(1)));
            ByteStream one = first.connector().connect();
            assertThat(ask(one, "1")).isEqualTo("1");
            ByteStream two = second.connector().connect();
            Blocked.await(serve);
            two.send(bytes("2"));
            assertThat(ask(one, "1")).isEqualTo("1");
            one.close();
            assertThat(text(two.receive())).isEqualTo("2");
            two.close();
            merged.drain(ofSeconds(10));
        });
    }

    @Test
    void mergedListenersCanBeMergedAgain() throws IOException {
        var third = MemoryListener.open();
        Listener<ByteStream> all = Listeners.merge(List.of(merged, third));
        first.connector().connect().send(bytes("1"));
        assertThat(text(all.accept().receive())).isEqualTo("1");
        third.connector().connect().send(bytes("3"));
        assertThat(text(all.accept().receive())).isEqualTo("3");
        all.close();
        fails(ClosedResourceException.class, merged::accept);
        fails(ClosedResourceException.class, third::accept);
    }

    @Test
    void attributesOfLaterListenersOverrideThoseOfEarlierOnes() {
        var closed = new ArrayList<String>();
        Listener<ByteStream> both =
                Listeners.merge(new Named("a", true, "", closed), new Named("b", false, "", closed));
        assertThat(both.find(NAME)).contains("b");
        assertThat(both.find(OF_FIRST)).contains("a");
        assertThat(both.find(Attribute.of("unknown"))).isEmpty();
    }

    @Test
    void closingClosesAllWhateverHappens() {
        var closed = new ArrayList<String>();
        Listener<ByteStream> all = Listeners.merge(
                new Named("a", true, "a failed", closed),
                new Named("b", false, "b failed", closed),
                new Named("c", false, "", closed));
        Throwable thrown = catchThrowable(all::close);

        assertThat(thrown).isInstanceOf(IOException.class).hasMessage("a failed");
        assertThat(thrown.getSuppressed()).hasSize(1);
        assertThat(thrown.getSuppressed()[0]).hasMessage("b failed");
        assertThat(closed).containsExactly("a", "b", "c");
    }

    @Test
    void closingWakesABlockedAcceptAndRefusesLaterOnes() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> accept = group.fork(() -> fails(ClosedResourceException.class, merged::accept));
            Blocked.await(accept);
            merged.close();
        });
        merged.close();
        fails(ClosedResourceException.class, merged::accept);
        fails(ClosedResourceException.class, () -> merged.serve(ListenersTest::echo));
    }

    @Test
    void theClosingOfOneIsNotPassedOver() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> serve =
                    group.fork(() -> fails(ClosedResourceException.class, () -> merged.serve(ListenersTest::echo)));
            Blocked.await(serve);
            second.close();
        });
    }

    @Test
    void aSecondAcceptIsBusyAndDisturbsNobody() throws IOException {
        TaskGroup.run(group -> {
            Task<ByteStream> accept = group.fork(() -> merged.accept());
            Blocked.await(accept);
            fails(BusyResourceException.class, merged::accept);
            first.connector().connect().send(bytes("x"));
            assertThat(text(accept.join().receive())).isEqualTo("x");
        });
    }

    @Test
    void inACancelledScopeNothingIsAccepted() throws IOException {
        first.connector().connect();
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> fails(CancelledException.class, merged::accept));
        assertThat(first.pending()).isEqualTo(1);
    }

    @Test
    @Tag("smoke")
    void cancelledAcceptsLoseNoConnection() throws IOException {
        for (int round = 0; round < 200; round++) {
            first.connector().connect().send(bytes("1"));
            second.connector().connect().send(bytes("2"));
            TaskGroup.run(group -> {
                Task<ByteStream> accept = group.fork(() -> merged.accept());
                accept.cancel();
                accept.await();
                int missing = accept.status() == Task.Status.FINISHED ? 1 : 2;
                for (int i = 0; i < missing; i++) {
                    merged.accept();
                }
            });
        }
        assertThat(first.pending() + second.pending()).isZero();
    }

    @Test
    void anAcceptThatFailsFailsAndTheOthersGoOn() throws IOException {
        first.failNextAccepts(new IOException("Too many open files"));
        assertThatExceptionOfType(IOException.class).isThrownBy(merged::accept).withMessage("Too many open files");
        second.connector().connect().send(bytes("x"));
        assertThat(text(merged.accept().receive())).isEqualTo("x");
    }

    @Test
    void itsLoopOverAcceptsEndsWhenItIsClosed() throws IOException {
        first.connector().connect();
        var accepted = new ArrayList<ByteStream>();
        merged.forEach(stream -> {
            accepted.add(stream);
            merged.close();
        });
        assertThat(accepted).hasSize(1);
    }
}

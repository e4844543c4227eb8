package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.ByteSendStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.MemoryObjectStream;
import io.bobbinet.stream.MemoryQueue;
import io.bobbinet.stream.ObjectStream;
import io.bobbinet.stream.StapledByteStream;
import io.bobbinet.stream.StapledObjectStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StapledStreamTest {
    private static final Attribute<String> SHARED = Attribute.of("shared");
    private static final Attribute<String> OF_SENDER = Attribute.of("of the sender");

    private final List<String> log = new ArrayList<>();

    /** A sending half, and no more than that, whose closing can fail. */
    private final class Sender implements ByteSendStream {
        private final ByteSendStream under;
        private final String failure;

        Sender(ByteSendStream under, String failure) {
            this.under = under;
            this.failure = failure;
        }

        @Override
        public void send(ByteBuffer source) throws IOException {
            under.send(source);
        }

        @Override
        public void close() throws IOException {
            log.add("sender");
            under.close();
            if (!failure.isEmpty()) {
                throw new IOException(failure);
            }
        }

        @Override
        public <T> Optional<T> find(Attribute<T> attribute) {
            return OF_SENDER.match(attribute, "sender").or(() -> SHARED.match(attribute, "sender"));
        }
    }

    private final class Receiver implements ByteReceiveStream {
        private final ByteReceiveStream under;
        private final String failure;

        Receiver(ByteReceiveStream under, String failure) {
            this.under = under;
            this.failure = failure;
        }

        @Override
        public int receive(ByteBuffer target) throws IOException {
            return under.receive(target);
        }

        @Override
        public void close() throws IOException {
            log.add("receiver");
            under.close();
            if (!failure.isEmpty()) {
                throw new IOException(failure);
            }
        }

        @Override
        public <T> Optional<T> find(Attribute<T> attribute) {
            return SHARED.match(attribute, "receiver");
        }
    }

    private final MemoryByteStream farReceiver;
    private final MemoryByteStream nearSender;
    private final MemoryByteStream farSender;
    private final MemoryByteStream nearReceiver;

    StapledStreamTest() {
        var there = MemoryByteStream.pair(4);
        nearSender = there.left();
        farReceiver = there.right();
        var back = MemoryByteStream.pair(4);
        farSender = back.left();
        nearReceiver = back.right();
    }

    private StapledByteStream stapled() {
        return stapled("", "");
    }

    private StapledByteStream stapled(String senderFailure, String receiverFailure) {
        return StapledByteStream.of(new Sender(nearSender, senderFailure), new Receiver(nearReceiver, receiverFailure));
    }

    @Test
    @Tag("smoke")
    void eachDirectionGoesToItsHalf() throws IOException {
        var stream = stapled();
        stream.send(bytes("out"));
        farSender.send(bytes("in"));

        assertThat(text(farReceiver.receive())).isEqualTo("out");
        assertThat(text(stream.receive(1))).isEqualTo("i");
        assertThat(text(stream.receive())).isEqualTo("n");
        fails(IllegalArgumentException.class, () -> stream.receive(0));
    }

    @Test
    void gatheringSendsAndBuffersGoToTheHalvesToo() throws IOException {
        var stream = stapled();
        stream.send(ByteBuffer.wrap(bytes("o")), ByteBuffer.wrap(bytes("ut")));
        assertThat(text(farReceiver.receive())).isEqualTo("out");
        farSender.send(bytes("in"));
        stream.awaitReceivable();
        assertThat(stream.receive(ByteBuffer.allocate(9))).isEqualTo(2);
    }

    @Test
    void sendEofClosesTheSendingHalfOnly() throws IOException {
        var stream = stapled();
        stream.send(bytes("x"));
        stream.sendEof();
        stream.sendEof();

        assertThat(log).containsExactly("sender");
        assertThat(text(farReceiver.receive())).isEqualTo("x");
        fails(EndOfStreamException.class, farReceiver::receive);
        fails(ClosedResourceException.class, () -> stream.send(bytes("y")));
        farSender.send(bytes("in"));
        assertThat(text(stream.receive())).isEqualTo("in");
    }

    @Test
    void sendEofLeavesATwoWayHalfOpenForReceiving() throws IOException {
        var stream = StapledByteStream.of(nearSender, new Receiver(nearReceiver, ""));
        stream.sendEof();

        fails(EndOfStreamException.class, farReceiver::receive);
        farReceiver.send(bytes("x"));
        assertThat(text(nearSender.receive())).isEqualTo("x");
    }

    @Test
    void sendEofAfterCloseIsRefused() throws IOException {
        var stream = stapled();
        stream.close();
        fails(ClosedResourceException.class, stream::sendEof);
        fails(ClosedResourceException.class, stream::receive);
    }

    @Test
    void inACancelledScopeTheSendingIsNotEnded() throws IOException {
        var stream = stapled();
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> fails(CancelledException.class, stream::sendEof));
        stream.send(bytes("on"));
        assertThat(text(farReceiver.receive())).isEqualTo("on");
    }

    @Test
    void afterASendThatWasCutOffThereIsNoOrderlyEnd() throws IOException {
        var stream = stapled();
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() -> stream.send(bytes("too long")));
            Blocked.await(send);
            send.cancel();
        });
        fails(BrokenResourceException.class, stream::sendEof);
        assertThat(text(farReceiver.receive())).isEqualTo("too ");
        stream.close();
        fails(BrokenResourceException.class, farReceiver::receive);
    }

    @Test
    void closeClosesTheSendingHalfFirstAndThenTheOther() throws IOException {
        stapled().close();
        assertThat(log).containsExactly("sender", "receiver");
    }

    @Test
    void closeClosesBothWhateverHappens() {
        var stream = stapled("the sender failed", "the receiver failed");
        Throwable thrown = catchThrowable(stream::close);

        assertThat(thrown).isInstanceOf(IOException.class).hasMessage("the sender failed");
        assertThat(thrown.getSuppressed()).hasSize(1);
        assertThat(thrown.getSuppressed()[0]).hasMessage("the receiver failed");
        assertThat(log).containsExactly("sender", "receiver");
        fails(ClosedResourceException.class, nearReceiver::receive);
    }

    @Test
    void attributesAreThoseOfBothAndTheReceiverWins() {
        var stream = stapled();
        assertThat(stream.find(SHARED)).contains("receiver");
        assertThat(stream.find(OF_SENDER)).contains("sender");
        assertThat(stream.find(Attribute.of("unknown"))).isEmpty();
    }

    // -- objects

    @Test
    @Tag("smoke")
    void objectsGoToTheHalvesToo() throws IOException {
        var out = MemoryQueue.<String>bounded(1);
        var in = MemoryQueue.<String>bounded(1);
        ObjectStream<String> stream = StapledObjectStream.of(out.sender(), in.receiver());
        stream.send("out");
        in.sender().send("in");

        assertThat(out.receiver().receive()).isEqualTo("out");
        assertThat(stream.receive()).isEqualTo("in");
    }

    @Test
    void sendEofOfObjectsClosesTheSendingHalfOnly() throws IOException {
        var out = MemoryQueue.<String>bounded(1);
        var in = MemoryQueue.<String>bounded(1);
        var stream = StapledObjectStream.of(out.sender(), in.receiver());
        stream.sendEof();
        stream.sendEof();

        fails(EndOfStreamException.class, () -> out.receiver().receive());
        fails(ClosedResourceException.class, () -> stream.send("x"));
        in.sender().send("in");
        assertThat(stream.receive()).isEqualTo("in");
    }

    @Test
    void sendEofOfObjectsLeavesATwoWayHalfOpenForReceiving() throws IOException {
        var pair = MemoryObjectStream.<String>pair(1);
        var in = MemoryQueue.<String>bounded(1);
        var stream = StapledObjectStream.of(pair.left(), in.receiver());
        stream.sendEof();

        fails(EndOfStreamException.class, () -> pair.right().receive());
        pair.right().send("x");
        assertThat(pair.left().receive()).isEqualTo("x");
    }

    @Test
    void closeOfObjectsClosesBoth() throws IOException {
        var out = MemoryQueue.<String>bounded(1);
        var in = MemoryQueue.<String>bounded(1);
        var stream = StapledObjectStream.of(out.sender(), in.receiver());
        stream.close();
        stream.close();

        assertThat(out.statistics().openSenders()).isZero();
        assertThat(in.statistics().openReceivers()).isZero();
        fails(ClosedResourceException.class, stream::sendEof);
    }
}

package io.bobbinet.testkit;

import io.bobbinet.net.DatagramBatch;
import io.bobbinet.task.CancelledException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** What {@link io.bobbinet.net.DatagramTransport} promises about batches. */
final class TransportBatchChecks<A extends SocketAddress> {
    private final DatagramTerms<A> terms;
    private final List<ContractCheck> checks = new ArrayList<>();

    private TransportBatchChecks(DatagramTerms<A> terms) {
        this.terms = terms;
    }

    static <A extends SocketAddress> List<ContractCheck> of(DatagramTerms<A> terms) {
        TransportBatchChecks<A> checks = new TransportBatchChecks<>(terms);
        checks.whole();
        checks.failing();
        return checks.checks;
    }

    private static <A extends SocketAddress> byte[] bytes(DatagramBatch<A> batch, int index) {
        ByteBuffer data = batch.data(index);
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }

    private void whole() {
        terms.check(checks, "batchIsReceivedPieceByPiece", link -> {
            DatagramBatch<A> batch = DatagramBatch.allocate(4, 100);
            for (byte i = 0; i < 10; i++) {
                link.sender().send(new byte[i]);
            }
            for (int received = 0; received < 10; ) {
                link.receiver().receiveBatch(batch);
                Expect.that(batch.size() > 0, "A batch that was received is empty");
                Expect.value(batch.position(), 0, "The position");
                for (int i = 0; i < batch.size(); i++, received++) {
                    Expect.value(bytes(batch, i), new byte[received], "The datagram");
                    Expect.value(batch.length(i), OptionalInt.of(received), "The length");
                    Expect.that(batch.hasPeer(i), "It has no sender");
                    Expect.equal(link.sender().localAddress(), batch.peer(i));
                }
            }
        });
        terms.check(checks, "batchIsSentAndSentAgain", link -> {
            DatagramBatch<A> batch = DatagramBatch.allocate(4, 10);
            batch.add(ByteBuffer.wrap(new byte[] {1}));
            batch.add(ByteBuffer.allocate(0));
            batch.add(ByteBuffer.wrap(new byte[] {3}), link.sender().peerAddress());
            for (int i = 0; i < 2; i++) {
                batch.position(0);
                link.sender().sendBatch(batch);
                Expect.value(batch.position(), 3, "The position");
                link.expect((byte) 1);
                link.expect();
                link.expect((byte) 3);
            }
        });
        terms.check(checks, "receivedBatchGoesBack", link -> {
            DatagramBatch<A> batch = DatagramBatch.allocate(4, 10);
            link.sender().send(new byte[] {1, 2});
            link.receiver().receiveBatch(batch);
            link.receiver().sendBatch(batch);
            Expect.value(link.sender().receive().data(), new byte[] {1, 2}, "What came back");
        });
        terms.check(checks, "batchCutsWhatIsLonger", link -> {
            DatagramBatch<A> batch = DatagramBatch.allocate(1, 2);
            link.sender().send(new byte[] {1, 2, 3});
            link.sender().send(new byte[] {4, 5});
            link.receiver().receiveBatch(batch);
            Expect.value(bytes(batch, 0), new byte[] {1, 2}, "What is left");
            Expect.that(batch.isTruncated(0), "It is not flagged");
            OptionalInt length = batch.length(0);
            Expect.that(length.isEmpty() || length.getAsInt() == 3, "The length is " + length);
            link.receiver().receiveBatch(batch);
            Expect.value(bytes(batch, 0), new byte[] {4, 5}, "The next");
            Expect.that(!batch.isTruncated(0), "It is flagged");
        });
    }

    private void failing() {
        terms.check(checks, "cancelledBatchIsEmpty", link -> {
            DatagramBatch<A> batch = DatagramBatch.allocate(4, 10);
            batch.add(ByteBuffer.allocate(1));
            Actor<Boolean> actor = terms.start(() -> {
                        link.receiver().receiveBatch(batch);
                        return true;
                    })
                    .awaitBlocked();
            actor.cancel();
            actor.failure(CancelledException.class);
            Expect.value(batch.size(), 0, "The size");
            link.sender().send(new byte[] {1});
            link.expect((byte) 1);
        });
        terms.check(checks, "batchStopsAtTheDatagramThatFails", link -> {
            DatagramBatch<A> batch = DatagramBatch.allocate(1, (1 << 20) + 10);
            batch.add(ByteBuffer.wrap(new byte[] {1}));
            batch.add(ByteBuffer.allocate(1 << 20));
            batch.add(ByteBuffer.wrap(new byte[] {3}));
            Expect.failure(SocketException.class, () -> link.sender().sendBatch(batch));
            Expect.value(batch.position(), 1, "The position");
            batch.position(2);
            link.sender().sendBatch(batch);
            link.expect((byte) 1);
            link.expect((byte) 3);
        });
        terms.check(checks, "batchWithADatagramToAnotherIsRefused", link -> {
            DatagramBatch<A> batch = DatagramBatch.allocate(2, 10);
            batch.add(ByteBuffer.wrap(new byte[] {1}));
            batch.add(ByteBuffer.wrap(new byte[] {2}), link.sender().localAddress());
            Expect.failure(IllegalArgumentException.class, () -> link.sender().sendBatch(batch));
            Expect.value(batch.position(), 0, "The position");
            link.sender().send(new byte[] {3});
            link.expect((byte) 3);
        });
    }
}

package io.bobbinet.linux;

import io.bobbinet.spi.DatagramVector;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** Sends many datagrams with one system call, and several of them as one message where {@link Segmentation} lets them. */
final class BatchSender {
    private static final byte[] PEER = {};

    private final LinuxDatagramHandle handle;
    private final DatagramSender sender;
    private final Segmentation segmentation;

    BatchSender(LinuxDatagramHandle handle, DatagramSender sender) {
        this.handle = handle;
        this.sender = sender;
        segmentation = new Segmentation(handle.family);
    }

    void send(DatagramVector batch) throws IOException, InterruptedException {
        if (!handle.isOpen()) {
            throw new ClosedChannelException();
        }
        BatchArrays arrays = BatchArrays.of(batch);
        arrays.toPeer = handle.isConnected();
        arrays.doubted = -1;
        if (segmentation.isUnknown() && batch.size() - batch.position() > 1) {
            probe();
        }
        while (batch.position() < batch.size()) {
            sendSome(batch, arrays);
        }
    }

    private void probe() throws IOException {
        sender.enter();
        try {
            segmentation.probe(handle.fd);
        } finally {
            sender.leave();
        }
    }

    /**
     * One call that goes through. Of a failure behind the first message the system says nothing: it is asked again from there. What it
     * then does not say again is lost, which is an unreachable peer that it heard of during the call.
     */
    private void sendSome(DatagramVector batch, BatchArrays arrays) throws IOException, InterruptedException {
        int first = batch.position();
        int count = put(batch, arrays);
        Destination to = destination(batch, arrays, first);
        long result = sender.untilDone(
                to,
                errno -> DatagramCalls.sendmmsg(handle.fd, arrays.messages, count, DatagramSender.FLAGS, arrays.errno));
        Reference.reachabilityFence(batch);
        for (int i = 0; i < result; i++) {
            batch.position(batch.position() + arrays.counts[i]);
        }
        if (result < 0) {
            failed(result, batch, arrays, to);
        }
    }

    /** Of the message at the position; returns if it is to be tried again, as it is or one by one. */
    private void failed(long result, DatagramVector batch, BatchArrays arrays, @Nullable Destination to)
            throws IOException {
        int first = batch.position();
        int size = batch.length(first);
        if (arrays.counts[0] == 1 || !Segmentation.isRefusal(result)) {
            throw handle.sendFailure(result, size, to == null ? null : to.address());
        }
        if (arrays.doubted == first) {
            segmentation.refused(result, to, size);
        }
        arrays.doubted = first;
    }

    private @Nullable Destination destination(DatagramVector batch, BatchArrays arrays, int index) throws IOException {
        boolean toPeer = arrays.toPeer || !batch.hasAddress(index);
        return toPeer ? null : arrays.destinations.encode(batch.address(index), handle.family);
    }

    /** Puts in as many messages as there are and have room; gives how many. */
    private int put(DatagramVector batch, BatchArrays arrays) throws IOException {
        int messages = 0;
        int pieces = 0;
        int next = batch.position();
        while (next < batch.size() && messages < arrays.capacity && pieces < arrays.vectorCapacity) {
            Destination to;
            try {
                to = destination(batch, arrays, next);
            } catch (IOException e) {
                if (messages == 0) {
                    throw e;
                }
                break; // those before it go out first
            }
            int first = next;
            int firstPiece = pieces;
            int end = segmentation.end(batch, first, to, arrays.toPeer);
            while (next < end && pieces < arrays.vectorCapacity) {
                next = putPiece(batch, arrays, pieces++, next, end);
            }
            int count = next - first;
            int segmentSize = count > 1 ? batch.length(first) : 0;
            arrays.putSend(messages, firstPiece, pieces - firstPiece, to == null ? PEER : to.bytes(), segmentSize);
            arrays.counts[messages++] = count;
        }
        return messages;
    }

    /** Puts in datagrams that lie one behind the other; gives the index behind them. */
    private static int putPiece(DatagramVector batch, BatchArrays arrays, int piece, int first, int end) {
        int offset = batch.offset(first);
        int size = batch.length(first);
        int next = first + 1;
        while (next < end && batch.offset(next) == offset + size) {
            size += batch.length(next);
            next++;
        }
        arrays.putPiece(piece, offset, size);
        return next;
    }
}

package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.MSG_DONTWAIT;
import static io.bobbinet.linux.Constants.MSG_TRUNC;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.bobbinet.spi.DatagramVector;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.net.SocketAddress;

/**
 * Receives many datagrams with one system call.
 *
 * <p>A UDP socket is told to coalesce, udp(7) {@code UDP_GRO}, by the first batch that has room for it, unless others may have a
 * descriptor of it: then datagrams of one sender that follow each other may come as one message, with their size beside it. Such a
 * message may be as long as a datagram can be. So each gets that much of the memory of the batch, as long as they do come so. As long
 * as none does, that would be a waste of room: each message gets the room of one datagram then, and what is longer spills into an
 * area that is there for the time of the call; it is copied.
 */
final class BatchReceiver {
    private final LinuxDatagramHandle handle;
    private final DatagramReceiver receiver;

    /** Whether it was tried to make the socket coalesce. */
    private boolean asked;

    /** Whether datagrams came as one the last time. */
    private boolean bulk;

    private final Moderation moderation = new Moderation();

    /** Whether the last call gave all that it had room for. */
    private boolean mayBeMore;

    BatchReceiver(LinuxDatagramHandle handle, DatagramReceiver receiver) {
        this.handle = handle;
        this.receiver = receiver;
    }

    void receive(DatagramVector batch) throws IOException, InterruptedException {
        batch.clear();
        receiver.checkLeftOvers();
        receiver.tellFailure();
        receiver.takeLeftOvers(batch);
        if (batch.size() > 0) {
            return;
        }
        if (!tryReceive(batch)) {
            moderation.pause();
            while (!tryReceive(batch)) {
                handle.awaitIncoming();
            }
        }
        receiver.takeLeftOvers(batch);
        while (mayBeMore && batch.size() < batch.slots() && tryReceiveMore(batch)) {
            receiver.takeLeftOvers(batch);
        }
        if (batch.size() == 0) {
            receiver.tellFailure();
        }
        moderation.received(batch);
    }

    /** What fails now, when there are datagrams, is the failure of the next call. */
    private boolean tryReceiveMore(DatagramVector batch) {
        try {
            return tryReceive(batch);
        } catch (IOException e) {
            receiver.failLater(e);
            return false;
        }
    }

    /** Gives whether something came. */
    private boolean tryReceive(DatagramVector batch) throws IOException {
        handle.in.reset();
        boolean large = batch.memory().capacity() >= SpillArea.PIECE;
        if (large && !asked && !receiver.coalesces()) {
            asked = true;
            handle.coalesce();
        }
        if (!receiver.coalesces()) {
            return tryReceivePlain(batch);
        }
        boolean pieces = large && bulk && batch.size() == 0 && batch.slotSize() <= SpillArea.PIECE;
        return pieces ? tryReceivePieces(batch) : tryReceiveSpilling(batch);
    }

    /** Gives how many messages came, less than 0 if there is none yet. A failure behind the first is the next call's. */
    private int receive(DatagramVector batch, BatchArrays arrays, int count) throws IOException {
        handle.enter(handle.in);
        int received;
        try {
            received =
                    DatagramCalls.recvmmsg(handle.fd, arrays.messages, count, MSG_DONTWAIT | MSG_TRUNC, arrays.errno);
        } finally {
            handle.leave(handle.in);
            Reference.reachabilityFence(batch);
        }
        if (received < 0) {
            receiver.checkTemporary(received);
        }
        return received;
    }

    /** A datagram a message, behind those that are there. */
    private boolean tryReceivePlain(DatagramVector batch) throws IOException {
        BatchArrays arrays = BatchArrays.of(batch);
        int first = batch.size();
        int slotSize = batch.slotSize();
        int count = Math.min(batch.slots() - first, arrays.capacity);
        for (int i = 0; i < count; i++) {
            arrays.putPiece(i, (long) (first + i) * slotSize, slotSize);
            arrays.putReceive(i, i, 1, false);
        }
        int received = receive(batch, arrays, count);
        for (int i = 0; i < received; i++) {
            int length = arrays.length(i);
            batch.add((first + i) * slotSize, Math.min(length, slotSize), length, arrays.sender(i));
        }
        mayBeMore = received == count;
        return received > 0;
    }

    /**
     * Each message has room for all that may come as one, and is split where it is. Where all are single ones after all, more may be
     * there and have room, if these lie close together.
     */
    private boolean tryReceivePieces(DatagramVector batch) throws IOException {
        BatchArrays arrays = BatchArrays.of(batch);
        int count = Math.min(batch.memory().capacity() / SpillArea.PIECE, arrays.capacity);
        for (int i = 0; i < count; i++) {
            arrays.putPiece(i, (long) i * SpillArea.PIECE, SpillArea.PIECE);
            arrays.putReceive(i, i, 1, true);
        }
        int received = receive(batch, arrays, count);
        if (received <= 0) {
            return false;
        }
        bulk = false;
        for (int i = 0; i < received; i++) {
            bulk |= arrays.isSeveral(i);
        }
        mayBeMore = received == count && !bulk; // of several, one more might need more room than there is
        for (int i = 0; i < received; i++) {
            takePiece(batch, arrays, i);
        }
        return true;
    }

    private void takePiece(DatagramVector batch, BatchArrays arrays, int index) {
        try {
            int offset = index * SpillArea.PIECE;
            split(batch, arrays, index, mayBeMore ? moveToSlot(batch, offset, arrays.length(index)) : offset);
        } catch (IOException e) {
            receiver.failLater(e);
        }
    }

    /** Moves a datagram to where the next slot is, unless it is there; gives that place. */
    private static int moveToSlot(DatagramVector batch, int offset, int length) {
        int slot = batch.size() * batch.slotSize();
        if (slot != offset) {
            batch.memory().put(slot, batch.memory(), offset, Math.min(length, batch.slotSize()));
        }
        return slot;
    }

    private static void split(DatagramVector batch, BatchArrays arrays, int index, int offset) throws IOException {
        int length = arrays.length(index);
        int segment = arrays.segmentSize(index);
        SocketAddress sender = arrays.sender(index);
        int at = 0;
        do {
            int size = Math.min(segment, length - at);
            batch.add(offset + at, Math.min(size, batch.slotSize()), size, sender);
            at += size;
        } while (at < length);
    }

    /** Each message has room for a datagram, and more in the area; no new one is made for an attempt that finds nothing. */
    private boolean tryReceiveSpilling(DatagramVector batch) throws IOException {
        SpillArea area = SpillArea.takeFree();
        if (area == null) {
            if (receiver.askForEvents() == null) {
                mayBeMore = false;
                return false;
            }
            area = SpillArea.take();
        }
        try {
            return tryReceiveSpilling(batch, area);
        } finally {
            SpillArea.give(area);
        }
    }

    private boolean tryReceiveSpilling(DatagramVector batch, SpillArea area) throws IOException {
        BatchArrays arrays = BatchArrays.of(batch);
        int first = batch.size();
        int slotSize = batch.slotSize();
        int count = Math.min(Math.min(batch.slots() - first, arrays.capacity), SpillArea.PIECES);
        for (int i = 0; i < count; i++) {
            arrays.putPiece(2 * i, (long) (first + i) * slotSize, slotSize);
            arrays.putPieceAt(2 * i + 1, area.piece(i).address(), SpillArea.PIECE);
            arrays.putReceive(i, 2 * i, 2, true);
        }
        int received = receive(batch, arrays, count);
        for (int i = 0; i < received; i++) {
            takeSpilling(batch, arrays, i, (first + i) * slotSize, area.piece(i));
        }
        mayBeMore = received == count;
        return received > 0;
    }

    /** From the first message on that is several datagrams, all are copied, and come in their order. */
    private void takeSpilling(DatagramVector batch, BatchArrays arrays, int index, int offset, MemorySegment spilled) {
        try {
            int length = arrays.length(index);
            int segment = arrays.segmentSize(index);
            int inPlace = Math.min(length, batch.slotSize());
            if (segment >= length && !receiver.hasLeftOvers()) {
                batch.add(moveToSlot(batch, offset, length), inPlace, length, arrays.sender(index));
                return;
            }
            bulk |= segment < length;
            byte[] bytes = new byte[length];
            batch.memory().get(offset, bytes, 0, inPlace);
            MemorySegment.copy(spilled, JAVA_BYTE, 0, bytes, inPlace, length - inPlace);
            receiver.keep(arrays, index, bytes, segment);
        } catch (IOException e) {
            receiver.failLater(e);
        }
    }
}

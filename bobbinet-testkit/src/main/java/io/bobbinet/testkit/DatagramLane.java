package io.bobbinet.testkit;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.spi.WaitQueue;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One direction of a pair of transports in memory: what is under way, and what befalls it. */
final class DatagramLane {
    private final InetSocketAddress sender;
    private final int capacity;
    private final boolean waiting;

    /** Used under the lock. */
    private final Supplier<DatagramFault> faults;

    /** Where the one receiver waits. */
    final WaitPoint arrival = new WaitPoint("receive");

    /** Where senders wait. */
    final WaitQueue room = new WaitQueue("send");

    /** Guarded by this. */
    private final Queue<Arrived> arrived = new ArrayDeque<>();

    /** Guarded by this; what is to be overtaken. */
    private final Queue<Arrived> heldBack = new ArrayDeque<>();

    /** Guarded by this; what was commanded for the next datagrams. */
    private final Queue<DatagramFault> commanded = new ArrayDeque<>();

    /** Guarded by this; the fault of the next datagram, if it is chosen and the datagram has found no room yet. */
    private @Nullable DatagramFault chosen;

    /** Guarded by this. */
    private boolean deserted;

    /** What is left of a datagram, and how long it was. */
    private record Arrived(byte[] data, int length) {}

    DatagramLane(InetSocketAddress sender, int capacity, boolean waiting, Supplier<DatagramFault> faults) {
        this.sender = sender;
        this.capacity = capacity;
        this.waiting = waiting;
        this.faults = faults;
    }

    synchronized void command(DatagramFault... next) {
        commanded.addAll(Arrays.asList(next));
    }

    /** Sends a datagram, whose bytes are given away; whether there was room, or it needs none. */
    synchronized boolean trySend(byte[] data) throws ConnectException {
        if (deserted && waiting) {
            throw new ConnectException("The other end is closed");
        }
        if (chosen == null) {
            chosen = commanded.isEmpty() ? faults.get() : commanded.remove();
        }
        boolean full = isFull();
        if (full && waiting && chosen != DatagramFault.LOST) {
            return false;
        }
        DatagramFault fault = chosen;
        chosen = null;
        if (!full && !deserted) {
            meet(fault, new Arrived(data, data.length));
        }
        return true;
    }

    private boolean isFull() {
        return arrived.size() + heldBack.size() >= capacity;
    }

    private void meet(DatagramFault fault, Arrived datagram) {
        switch (fault) {
            case NONE -> arrive(datagram);
            case LOST -> {}
            case DOUBLED -> {
                arrive(datagram);
                if (!isFull()) {
                    arrive(datagram);
                }
            }
            case OVERTAKEN -> heldBack.add(datagram);
            case CUT -> arrive(new Arrived(Arrays.copyOf(datagram.data, datagram.length / 2), datagram.length));
        }
    }

    private void arrive(Arrived datagram) {
        arrived.add(datagram);
        releaseHeldBack();
        arrival.signal();
    }

    /** Lets what is held back come now. */
    synchronized void releaseHeldBack() {
        arrived.addAll(heldBack);
        heldBack.clear();
        arrival.signal();
    }

    /** Receives a datagram, if there is one. */
    synchronized Optional<Datagram<InetSocketAddress>> tryReceive(int max) {
        Arrived next = arrived.poll();
        if (next == null) {
            return Optional.empty();
        }
        room.signal();
        byte[] data = Arrays.copyOf(next.data, Math.min(max, next.data.length));
        return Optional.of(Datagram.received(data, next.length, Optional.of(sender)));
    }

    /** Receives as many as there are and have room; whether there was one. */
    synchronized boolean tryReceive(DatagramBatch<InetSocketAddress> batch) {
        Arrived next = arrived.peek();
        while (next != null && batch.addReceived(Datagram.received(next.data, next.length, Optional.of(sender)))) {
            arrived.remove();
            next = arrived.peek();
        }
        room.signal();
        return batch.size() > 0;
    }

    /** The receiver is closed. */
    synchronized void desert() {
        deserted = true;
        arrived.clear();
        heldBack.clear();
        arrival.signal();
        room.signal();
    }
}

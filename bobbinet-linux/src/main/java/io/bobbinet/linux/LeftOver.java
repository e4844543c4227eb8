package io.bobbinet.linux;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.SystemDatagram;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Optional;

/** Datagrams that came as one and were not taken yet; all of a size, but the last may be shorter. Used by one thread. */
final class LeftOver {
    private final byte[] bytes;
    private final int segmentSize;
    private final SocketAddress sender;
    private final Optional<InetAddress> destination;
    private int position;

    /** How many datagrams there are. */
    private int count;

    LeftOver(byte[] bytes, int segmentSize, SocketAddress sender, Optional<InetAddress> destination) {
        this.bytes = bytes;
        this.segmentSize = segmentSize;
        this.sender = sender;
        this.destination = destination;
        this.count = segmentSize == 0 ? 1 : Math.ceilDiv(bytes.length, segmentSize);
    }

    boolean isEmpty() {
        return count == 0;
    }

    SystemDatagram take(int max) {
        int length = Math.min(segmentSize, bytes.length - position);
        byte[] data = Arrays.copyOfRange(bytes, position, position + Math.min(length, max));
        skip(length);
        return new SystemDatagram(data, length, sender, destination, ControlData.NONE);
    }

    /** Puts a datagram into the next slot of a batch. */
    void moveTo(DatagramVector batch) {
        int length = Math.min(segmentSize, bytes.length - position);
        int taken = Math.min(length, batch.slotSize());
        int offset = batch.size() * batch.slotSize();
        batch.memory().put(offset, bytes, position, taken);
        skip(length);
        batch.add(offset, taken, length, sender);
    }

    private void skip(int length) {
        position += length;
        count--;
    }
}

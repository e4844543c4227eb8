package io.bobbinet.testkit;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.SystemDatagram;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The surroundings of one check of datagram sockets. */
final class DatagramSetting extends Surroundings {
    final DatagramKind kind;

    /** Two bound sockets that know each other's address, and perhaps are connected. */
    record Pair(DatagramHandle one, DatagramHandle other) {

        /** What one sends to the other. */
        void send(int... bytes) throws IOException, InterruptedException {
            one.send(data(bytes), other.localAddress());
        }

        /** The other one gets just this. */
        void expect(int... bytes) throws IOException, InterruptedException {
            SystemDatagram datagram = other.receive(1_000);
            Expect.value(datagram.data(), data(bytes).array(), "What was received");
            Expect.value(datagram.length(), bytes.length, "The length");
            Expect.value(datagram.sender(), one.localAddress(), "The sender");
        }

        Pair turned() {
            return new Pair(other, one);
        }
    }

    DatagramSetting(Backend backend, DatagramKind kind, boolean virtual, long seed) throws IOException {
        super(backend, virtual, seed);
        this.kind = kind;
    }

    static ByteBuffer data(int... bytes) {
        byte[] data = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            data[i] = (byte) bytes[i];
        }
        return ByteBuffer.wrap(data);
    }

    /** The bytes of a datagram of a batch. */
    static byte[] bytes(DatagramVector batch, int index) {
        byte[] bytes = new byte[batch.length(index)];
        batch.memory().get(batch.offset(index), bytes);
        return bytes;
    }

    /** Waits until there may be one more datagram on its way; in vain if nothing is received any more. */
    static void acquire(Semaphore room) throws InterruptedException {
        Expect.that(room.tryAcquire(Background.PATIENCE.toSeconds(), TimeUnit.SECONDS), "Nothing is received any more");
    }

    SocketAddress freeAddress() {
        return kind.freeAddress(folder, nextNumber());
    }

    DatagramHandle open() throws IOException {
        return keepHandle(backend.openDatagram(kind.family));
    }

    DatagramHandle bound() throws IOException {
        DatagramHandle handle = open();
        handle.bind(freeAddress());
        return handle;
    }

    /** Two sockets, neither of which is connected. */
    Pair pair() throws IOException {
        return new Pair(bound(), bound());
    }

    /** Two sockets that are connected to each other. */
    Pair connected() throws IOException {
        Pair pair = pair();
        pair.one().connect(pair.other().localAddress());
        pair.other().connect(pair.one().localAddress());
        return pair;
    }

    /** A bound channel of the JDK, for UDP. */
    DatagramChannel peer() throws IOException {
        DatagramChannel peer = keep(DatagramChannel.open(kind.family));
        peer.bind(freeAddress());
        return peer;
    }

    /** An address where nobody receives. */
    SocketAddress deserted() throws IOException {
        DatagramHandle handle = bound();
        SocketAddress address = handle.localAddress();
        handle.close();
        return address;
    }
}

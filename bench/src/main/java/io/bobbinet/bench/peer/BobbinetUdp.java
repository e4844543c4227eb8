package io.bobbinet.bench.peer;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Ours, as a user would write it, on the backend in force. */
final class BobbinetUdp implements UdpPeer {
    private final AtomicLong received = new AtomicLong();
    private final UdpWork work;
    private final int size;
    private DatagramTransport<InetSocketAddress> socket;
    private InetSocketAddress peer;

    private BobbinetUdp(UdpWork work, int size, UdpSocket socket) {
        this.work = work;
        this.size = size;
        this.socket = socket;
        this.peer = socket.localAddress();
    }

    public static void main(String[] arguments) throws IOException {
        UdpSocket socket = Udp.binder(HOST, 0)
                .withOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER)
                .bind();
        BobbinetUdp peer = new BobbinetUdp(UdpWork.valueOf(arguments[0]), Integer.parseInt(arguments[1]), socket);
        UdpPeer.obey(peer, socket.localAddress().getPort());
    }

    @Override
    public int connect(int port) throws IOException {
        peer = new InetSocketAddress(HOST, port);
        if (work.isConnected()) {
            InetSocketAddress local = socket.localAddress();
            socket.close();
            socket = Udp.connector(peer)
                    .withLocalAddress(local)
                    .withOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER)
                    .connect();
        }
        return socket.localAddress().getPort();
    }

    @Override
    public void receive() throws IOException {
        TaskGroup.run(group -> group.fork(work.isReceivedInBatches() ? this::receiveBatches : this::receiveSingly));
    }

    private void receiveBatches() throws IOException {
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(work.slots(size), work.room(size));
        while (true) {
            socket.receiveBatch(batch);
            received.setRelease(received.getPlain() + batch.size());
        }
    }

    private void receiveSingly() throws IOException {
        while (true) {
            var datagram = socket.receive();
            received.setRelease(received.getPlain() + 1);
            if (work.isEchoed()) {
                socket.send(datagram);
            }
        }
    }

    @Override
    public long run(Duration time) throws IOException {
        return TaskGroup.<Long, IOException>call(
                group -> group.fork(() -> work.isSentInBatches() ? sendBatches(time) : sendSingly(time))
                        .join());
    }

    private long sendBatches(Duration time) throws IOException {
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(UdpWork.BATCH, work.room(size));
        for (int i = 0; i < UdpWork.BATCH; i++) {
            if (work.isConnected()) {
                batch.add(ByteBuffer.allocate(work.size(i, size)));
            } else {
                batch.add(ByteBuffer.allocate(work.size(i, size)), peer);
            }
        }
        long end = System.nanoTime() + time.toNanos();
        long sent = 0;
        do {
            batch.position(0);
            socket.sendBatch(batch);
            sent += batch.size();
        } while (System.nanoTime() - end < 0);
        return sent;
    }

    private long sendSingly(Duration time) throws IOException {
        byte[] datagram = new byte[size];
        long end = System.nanoTime() + time.toNanos();
        long sent = 0;
        do {
            for (int i = 0; i < UdpWork.BATCH; i++) {
                if (socket instanceof ConnectedDatagramTransport<?> connected) {
                    connected.send(datagram);
                } else {
                    ((UdpSocket) socket).send(datagram, peer);
                }
                if (work.isEchoed()) {
                    socket.receive();
                }
            }
            sent += UdpWork.BATCH;
        } while (System.nanoTime() - end < 0);
        return sent;
    }

    @Override
    public AtomicLong received() {
        return received;
    }
}

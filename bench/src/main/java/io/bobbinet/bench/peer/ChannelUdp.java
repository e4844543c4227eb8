package io.bobbinet.bench.peer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The reference: the JDK's channel as it is fastest, namely in blocking mode on a platform thread, with direct buffers, and
 * for IPv4 alone; either {@code send} and {@code receive}, or connected, and {@code write} and {@code read}.
 */
final class ChannelUdp implements UdpPeer {
    /** Has the channel connected. */
    static final String CONNECTED = "-Dio.bobbinet.bench.connected=true";

    /** Has it used by virtual threads, which it is slower for, but which ours run on. */
    static final String VIRTUAL = "-Dio.bobbinet.bench.virtual=true";

    private final AtomicLong received = new AtomicLong();
    private final DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
    private final boolean connected = Boolean.getBoolean("io.bobbinet.bench.connected");
    private final UdpWork work;
    private final int size;
    private InetSocketAddress peer = new InetSocketAddress(HOST, 0);

    private ChannelUdp(UdpWork work, int size) throws IOException {
        this.work = work;
        this.size = size;
        channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
        channel.bind(peer);
    }

    public static void main(String[] arguments) throws Exception {
        ChannelUdp peer = new ChannelUdp(UdpWork.valueOf(arguments[0]), Integer.parseInt(arguments[1]));
        UdpPeer.obey(peer, peer.port());
    }

    /** {@return whether the others are compared to it} */
    static boolean isReference(Contestant contestant) {
        return contestant.mainClass() == ChannelUdp.class
                && !contestant.options().contains(VIRTUAL);
    }

    private int port() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    @Override
    public int connect(int port) throws IOException {
        peer = new InetSocketAddress(HOST, port);
        if (connected) {
            channel.connect(peer);
        }
        return port();
    }

    @Override
    public void receive() throws Exception {
        onThread(() -> {
            receiveAll();
            return 0L;
        });
    }

    private void receiveAll() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(work.room(size));
        while (true) {
            take(buffer.clear());
            received.setRelease(received.getPlain() + 1);
            if (work.isEchoed()) {
                put(buffer.flip());
            }
        }
    }

    @Override
    public long run(Duration time) throws Exception {
        return onThread(() -> send(time));
    }

    private static long onThread(Callable<Long> body) throws Exception {
        if (!Boolean.getBoolean("io.bobbinet.bench.virtual")) {
            return body.call();
        }
        FutureTask<Long> task = new FutureTask<>(body);
        Thread.startVirtualThread(task);
        return task.get();
    }

    private long send(Duration time) throws IOException {
        ByteBuffer[] datagrams = new ByteBuffer[UdpWork.BATCH];
        for (int i = 0; i < datagrams.length; i++) {
            datagrams[i] = ByteBuffer.allocateDirect(work.size(i, size));
        }
        ByteBuffer answer = ByteBuffer.allocateDirect(work.room(size));
        long end = System.nanoTime() + time.toNanos();
        long sent = 0;
        do {
            for (ByteBuffer datagram : datagrams) {
                put(datagram.clear());
                if (work.isEchoed()) {
                    take(answer.clear());
                }
            }
            sent += datagrams.length;
        } while (System.nanoTime() - end < 0);
        return sent;
    }

    private void put(ByteBuffer datagram) throws IOException {
        if (connected) {
            channel.write(datagram);
        } else {
            channel.send(datagram, peer);
        }
    }

    private void take(ByteBuffer buffer) throws IOException {
        if (connected) {
            channel.read(buffer);
        } else {
            channel.receive(buffer);
        }
    }

    @Override
    public AtomicLong received() {
        return received;
    }
}

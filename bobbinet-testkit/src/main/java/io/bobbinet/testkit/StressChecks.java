package io.bobbinet.testkit;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Closes under load: descriptors are reused at once, and no connection may feel what befalls another. */
final class StressChecks {
    private static final int WORKERS = 6;
    private static final int ROUNDS = 25;

    /** After how many spins a connection is closed at the latest: some milliseconds. */
    private static final int LONGEST_LIFE = 100_000;

    private StressChecks() {}

    static void addTo(BackendContract contract) {
        contract.add("closesUnderLoadHarmNoOtherConnection", StressChecks::closesUnderLoadHarmNoOtherConnection);
    }

    /** Lets a random, short time pass: mostly none, sometimes others run. */
    static void pause(Random random) {
        switch (random.nextInt(8)) {
            case 0, 1 -> Thread.yield();
            case 2 -> {
                for (int i = random.nextInt(2_000); i > 0; i--) {
                    Thread.onSpinWait();
                }
            }
            default -> {}
        }
    }

    private static void closesUnderLoadHarmNoOtherConnection(Setting s) throws IOException {
        Set<String> before = Descriptors.sockets();
        ListenerHandle listener = s.listen(64);
        SocketAddress address = listener.localAddress();
        Queue<Background<?>> servers = new ConcurrentLinkedQueue<>();
        long seed = s.random.nextLong();
        Background<Boolean> acceptor = s.start(() -> {
            Random random = new Random(seed);
            while (true) {
                StreamHandle handle = listener.accept();
                servers.add(s.start(() -> echo(handle)));
                if (random.nextInt(3) == 0) {
                    int spins = random.nextInt(LONGEST_LIFE);
                    servers.add(s.startAside(() -> closeAfter(handle, spins)));
                }
            }
        });
        List<Background<?>> workers = new ArrayList<>();
        for (int w = 0; w < WORKERS; w++) {
            Random random = new Random(s.random.nextLong());
            workers.add(s.start(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    converse(s, address, random);
                }
                return true;
            }));
        }
        workers.forEach(Background::value);
        listener.close();
        acceptor.failure(ClosedChannelException.class);
        servers.forEach(Background::value);
        Set<String> left = Descriptors.sockets();
        left.removeAll(before);
        Expect.that(left.size() <= 2, "Sockets are left open: " + left); // a poller may have its own
    }

    private static boolean closeAfter(StreamHandle handle, int spins) throws IOException {
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
        handle.close();
        return true;
    }

    /** Echoes until the connection is gone, in one way or another. */
    private static boolean echo(StreamHandle handle) throws InterruptedException, IOException {
        try {
            while (true) {
                byte[] piece = handle.read(1_000);
                if (piece.length == 0) {
                    break;
                }
                ByteBuffer back = ByteBuffer.wrap(piece);
                while (back.hasRemaining()) {
                    handle.write(back);
                }
            }
        } catch (IOException e) {
            // Closed by one side or the other: all of this is allowed.
        } finally {
            handle.close();
        }
        return true;
    }

    /** One connection: bytes that only this one sends come back until somebody closes it. */
    private static void converse(Setting s, SocketAddress address, Random random)
            throws IOException, InterruptedException {
        StreamHandle handle = s.backend.openStream(s.transport.family);
        Pattern pattern = new Pattern(random.nextLong());
        int spins = random.nextInt(LONGEST_LIFE);
        Background<Boolean> closer = null;
        try {
            handle.connect(address);
            closer = s.startAside(() -> closeAfter(handle, spins));
            long at = 0;
            while (true) {
                ByteBuffer source = pattern.buffer(at, 1 + random.nextInt(500));
                while (source.hasRemaining()) {
                    handle.write(source);
                }
                long end = at + source.limit();
                while (at < end) {
                    byte[] piece = handle.read(1_000);
                    if (piece.length == 0) {
                        return; // the server was the first to close
                    }
                    pattern.check(piece, at);
                    at += piece.length;
                }
            }
        } catch (IOException e) {
            // Closed by one side or the other.
        } finally {
            handle.close();
            if (closer != null) {
                closer.value();
            }
        }
    }
}

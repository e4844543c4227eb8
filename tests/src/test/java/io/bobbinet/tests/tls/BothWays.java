package io.bobbinet.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.FutureTask;

/** A hundred mebibytes each way at once, held against each other by their hashes. */
final class BothWays {
    static final int SIZE = 100 << 20;
    static final int BLOCK = 1 << 16;

    private BothWays() {}

    /** What a peer that is a program has sent and received, by its own account. */
    record Hashes(String sent, String received) {}

    /** Ends when the peer has taken all and all of the peer's has come; hashes of our side. */
    static Hashes exchange(ByteStream ours) throws IOException {
        MessageDigest sent = digest();
        MessageDigest received = digest();
        TaskGroup.run(group -> {
            group.fork(() -> sendTo(ours::send, sent, 1, SIZE));
            group.fork(() -> receiveFrom(room -> read(ours, room), received, SIZE));
        });
        return new Hashes(hex(sent), hex(received));
    }

    /** As above, with what the peer sends and receives on two threads that are none of ours. */
    static void exchange(ByteStream ours, InputStream in, OutputStream out) throws Exception {
        MessageDigest sent = digest();
        MessageDigest received = digest();
        FutureTask<Void> sending = onPlatformThread(() -> sendTo(out::write, sent, 2, SIZE));
        FutureTask<Void> receiving = onPlatformThread(() -> receiveFrom(in::read, received, SIZE));
        Hashes hashes = exchange(ours);
        sending.get();
        receiving.get();
        assertThat(hashes).isEqualTo(new Hashes(hex(received), hex(sent)));
    }

    /** Sends through a program that sends everything back, and compares. */
    static void echo(InputStream in, OutputStream out, int size) throws Exception {
        MessageDigest sent = digest();
        MessageDigest received = digest();
        FutureTask<Void> sending = onPlatformThread(() -> sendTo(out::write, sent, 3, size));
        receiveFrom(in::read, received, size);
        sending.get();
        assertThat(hex(received)).isEqualTo(hex(sent));
    }

    private interface Sending {
        void send(byte[] block) throws IOException;
    }

    private interface Receiving {
        int receive(byte[] room) throws IOException;
    }

    private interface Body {
        void run() throws IOException;
    }

    private static FutureTask<Void> onPlatformThread(Body body) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            body.run();
            return null;
        });
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private static int read(ByteStream stream, byte[] room) throws IOException {
        return stream.receive(ByteBuffer.wrap(room));
    }

    /** All bytes are above 127: {@code openssl s_server} takes letters at the start of a read for commands. */
    private static void sendTo(Sending sending, MessageDigest digest, int seed, int size) throws IOException {
        byte[] block = new byte[BLOCK];
        new Random(seed).nextBytes(block);
        for (int i = 0; i < BLOCK; i++) {
            block[i] |= (byte) 0x80;
        }
        for (int number = 0; number < size / BLOCK; number++) {
            block[0] = (byte) (number | 0x80);
            block[1] = (byte) (number >> 7 | 0x80);
            sending.send(block);
            digest.update(block);
        }
    }

    private static void receiveFrom(Receiving receiving, MessageDigest digest, int size) throws IOException {
        byte[] room = new byte[BLOCK];
        for (int left = size; left > 0; ) {
            int count = receiving.receive(room);
            if (count < 0) {
                throw new AssertionError("The end, with " + left + " bytes missing");
            }
            digest.update(room, 0, count);
            left -= count;
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}

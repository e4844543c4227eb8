package io.bobbinet.testkit;

import java.util.Arrays;
import java.util.Random;

/** Does to bytes at random what networks, mistakes and malice do. */
final class Damage {
    /** Bytes that mean something in many formats. */
    private static final byte[] TELLING = {
        0, 1, 10, 13, 0x1f, '"', '=', '{', '}', '[', 0x7f, (byte) 0x80, (byte) 0xc0, -2, -1
    };

    private final Random random;

    Damage(Random random) {
        this.random = random;
    }

    /** Gives damaged bytes; of other ones, a part may be taken. */
    byte[] done(byte[] bytes, byte[] other) {
        byte[] damaged = bytes;
        for (int i = random.nextInt(3); i >= 0; i--) {
            damaged = once(damaged, other);
        }
        return damaged;
    }

    private byte[] once(byte[] bytes, byte[] other) {
        int at = random.nextInt(bytes.length + 1);
        return switch (random.nextInt(8)) {
            case 0 -> changed(bytes, (byte) (1 << random.nextInt(8)), true);
            case 1 -> changed(bytes, (byte) random.nextInt(), false);
            case 2 -> changed(bytes, TELLING[random.nextInt(TELLING.length)], false);
            case 3 -> replaced(bytes, at, 0, new byte[] {TELLING[random.nextInt(TELLING.length)]});
            case 4 -> replaced(bytes, at, random.nextInt(bytes.length - at + 1), new byte[0]);
            case 5 -> replaced(bytes, at, 0, part(other));
            case 6 -> replaced(bytes, at, Math.min(4, bytes.length - at), noise(4));
            default -> Arrays.copyOf(bytes, at);
        };
    }

    private byte[] changed(byte[] bytes, byte value, boolean flip) {
        byte[] changed = bytes.clone();
        if (changed.length > 0) {
            int at = random.nextInt(changed.length);
            changed[at] = (byte) (flip ? changed[at] ^ value : value);
        }
        return changed;
    }

    private byte[] part(byte[] bytes) {
        int from = random.nextInt(bytes.length + 1);
        return Arrays.copyOfRange(bytes, from, from + random.nextInt(bytes.length - from + 1));
    }

    private byte[] noise(int count) {
        byte[] noise = new byte[count];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] replaced(byte[] bytes, int at, int count, byte[] by) {
        byte[] replaced = new byte[bytes.length - count + by.length];
        System.arraycopy(bytes, 0, replaced, 0, at);
        System.arraycopy(by, 0, replaced, at, by.length);
        System.arraycopy(bytes, at + count, replaced, at + by.length, bytes.length - at - count);
        return replaced;
    }
}

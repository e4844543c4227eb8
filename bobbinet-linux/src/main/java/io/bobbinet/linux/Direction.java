package io.bobbinet.linux;

import io.bobbinet.spi.WaitPoint;

/** One direction of a handle: where its one user waits, and whether that user is in the kernel now. */
final class Direction extends WaitPoint {
    /** For the calls of this direction. */
    final int[] errno = new int[1];

    /** Written by the user of the direction. Whoever closes waits until it is off. */
    volatile boolean inKernel;

    Direction(String operation) {
        super(operation);
    }
}

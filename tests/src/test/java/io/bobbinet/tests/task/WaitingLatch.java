package io.bobbinet.tests.task;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.CancelScope;
import java.io.InterruptedIOException;

/** A gate for one task, which waits there as in any blocking call of the library, so that tests can see it there. */
final class WaitingLatch {
    private final WaitPoint open = new WaitPoint("latch");

    void await() throws InterruptedIOException {
        CancelScope.checkpoint();
        try {
            open.await();
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        }
    }

    void release() {
        open.signal();
    }
}

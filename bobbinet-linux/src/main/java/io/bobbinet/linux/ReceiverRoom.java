package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.POLLOUT;
import static io.bobbinet.linux.Constants.SOCK_CLOEXEC;
import static io.bobbinet.linux.Constants.SOCK_DGRAM;
import static io.bobbinet.linux.Constants.SOCK_NONBLOCK;

import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for room at the receiver of a UNIX datagram. A socket that is connected to it becomes writable when it has room, and no
 * other does, unix(7); so one is connected to it for the time of the wait. Where there can be none, the send is tried again
 * after a while.
 */
final class ReceiverRoom implements AutoCloseable {
    private final byte[] receiver;
    private final Pauses pauses = new Pauses();
    private boolean tried;
    private @Nullable LinuxDescriptor connected;

    ReceiverRoom(byte[] receiver) {
        this.receiver = receiver;
    }

    /** Whether the receiver has no room; false too if nobody can tell. */
    private static boolean isFull(LinuxDescriptor socket) {
        return Libc.poll(socket.number(), POLLOUT) == 0;
    }

    /**
     * Waits until the receiver may have room, or somebody gives the wait point another signal.
     *
     * @return false if it was not the receiver that had no room, or that is not known; then this has not waited
     */
    boolean await(WaitPoint point) throws IOException, InterruptedException {
        if (!tried) {
            tried = true;
            connected = connect();
        }
        LinuxDescriptor socket = connected;
        if (socket == null || !isFull(socket)) {
            return false;
        }
        ForeignWaits.Wait wait = ForeignWaits.instance().begin(socket.number(), ForeignWaits.Side.WRITABLE, point);
        try {
            point.await();
        } finally {
            wait.giveUp();
        }
        return true;
    }

    /** Waits for some time, or until somebody gives the wait point a signal. */
    void pause(WaitPoint point) throws InterruptedException {
        pauses.await(point);
    }

    /** A failure is the send's to report, which is tried again. */
    private @Nullable LinuxDescriptor connect() {
        int fd = Libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) {
            return null;
        }
        if (FileCalls.connect(fd, receiver) < 0) {
            FileCalls.closeQuietly(fd);
            return null;
        }
        return new LinuxDescriptor(fd);
    }

    /** Does not fail: the datagram may be out. */
    @Override
    public void close() {
        LinuxDescriptor socket = connected;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is gone all the same, and nothing was written to it.
            }
        }
    }
}

package io.bobbinet.cli;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Joins a stream to standard input and output. */
final class StandardJoin {
    /** Input that comes later than that after the end of the other side has nobody to go to. */
    private static final Duration LAST_INPUT = Duration.ofMillis(200);

    private final StandardInput in = new StandardInput();
    private final StandardOutput out = new StandardOutput();

    /** Whether the other side has ended. */
    private volatile boolean ending;

    /** The wait for input that is going on; set by the sender, and moved by the receiver. */
    private volatile MoveOnScope waiting = CancelScope.create();

    /**
     * Copies both ways until the stream ends. The end of the input ends the sending. When the stream ends first, what the
     * input has ready is still sent, since the other side may have ended its own sending alone.
     */
    void join(ByteStream stream) throws IOException {
        ending = false;
        TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> sendInput(stream));
            stream.forEach(out::send);
            ending = true;
            waiting.moveDeadline(Deadline.after(LAST_INPUT));
            sender.await();
        });
    }

    private void sendInput(ByteStream stream) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(StandardInput.DEFAULT_RECEIVE_SIZE);
        try {
            while (awaitInput()) {
                if (!in.isAtEnd()) {
                    in.receive(buffer.clear());
                    stream.send(buffer.flip());
                } else {
                    endSending(stream);
                    return;
                }
            }
        } catch (BrokenResourceException e) {
            // The receiving side, which has to deliver what came before, says so too; unless it has ended in good
            // order,
            // and then the other side did not want more.
        }
    }

    private static void endSending(ByteStream stream) throws IOException {
        try {
            stream.sendEof();
        } catch (UnsupportedOperationException e) {
            // TLS 1.2 cannot end the sending alone: the peer has to end the connection.
        }
    }

    /** {@return whether the input has something to say; false if it was not worth waiting for} */
    private boolean awaitInput() throws IOException {
        MoveOnScope scope = CancelScope.create();
        waiting = scope;
        if (ending) {
            scope.moveDeadline(Deadline.after(LAST_INPUT));
        }
        return scope.run(in::awaitReceivable);
    }
}

package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import java.io.IOException;

/** Cancel scopes and deadlines. */
public final class ScopeExamples {
    private ScopeExamples() {}

    /**
     * The two kinds of time limit.
     *
     * @param client any stream
     * @return what it answered; nothing if the answer could not be sent back in time
     * @throws IOException if the stream fails, or does not answer within five seconds
     */
    public static byte[] scopes(ByteStream client) throws IOException {
        // @start region="scopes"
        var answer = CancelScope.failAfter(ofSeconds(5)).call(() -> client.receive()); // late? TimedOutException
        var done = CancelScope.moveOnAfter(ofSeconds(5)).run(() -> client.send(answer)); // late? false, and on we go
        // @end region="scopes"
        return done ? answer : new byte[0];
    }

    /**
     * One deadline for several steps, wherever they are taken.
     *
     * @param server where to connect to
     * @return the answer
     * @throws IOException if a step fails, or the deadline passes
     */
    public static byte[] deadline(Connector<? extends ByteStream> server) throws IOException {
        // @start region="deadline"
        var deadline = Deadline.after(ofSeconds(10)); // for all three steps together
        try (var client = CancelScope.failAt(deadline, "connecting").call(server::connect)) {
            CancelScope.failAt(deadline, "the question").run(() -> client.send("How are you?\n".getBytes(UTF_8)));
            return CancelScope.failAt(deadline, "the answer").call(() -> client.receive());
        }
        // @end region="deadline"
    }

    /**
     * What has come already.
     *
     * @param client any stream
     * @return some of what is there; nothing if there is nothing
     * @throws IOException if the stream fails
     */
    public static byte[] withoutWaiting(ByteStream client) throws IOException {
        // @start region="without-waiting"
        var waiting = CancelScope.withoutWaiting().call(() -> client.receive()); // nothing there? empty, at once
        // @end region="without-waiting"
        return waiting.orElse(new byte[0]);
    }

    /**
     * A limit that is put off with every sign of life.
     *
     * @param client any stream
     * @return whether the stream ended, rather than falling silent
     * @throws IOException if the stream fails
     */
    public static boolean idle(ByteStream client) throws IOException {
        // @start region="idle"
        var idle = CancelScope.moveOnAfter(ofSeconds(30));
        return idle.run(() -> client.forEach(chunk -> {
            idle.moveDeadline(Deadline.after(ofSeconds(30))); // every chunk earns another 30 seconds
            client.send(chunk);
        }));
        // @end region="idle"
    }

    /**
     * Clean-up that has to block, also when everything around it is cancelled.
     *
     * @param client any stream
     * @throws IOException if the stream fails
     */
    public static void shielded(ByteStream client) throws IOException {
        // @start region="shielded"
        try {
            client.forEach(client::send);
        } finally { // also when cancelled: say goodbye, but do not wait long for it
            CancelScope.shielded(ofMillis(200)).run(() -> client.send("Bye\n".getBytes(UTF_8)));
        }
        // @end region="shielded"
    }
}

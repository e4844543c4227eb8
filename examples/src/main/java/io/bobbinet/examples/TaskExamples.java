package io.bobbinet.examples;

import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.CapturedValues;
import io.bobbinet.task.StartedTask;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Task groups. */
public final class TaskExamples {
    private static final ScopedValue<String> USER = ScopedValue.newInstance();

    private TaskExamples() {}

    /**
     * Two tasks, of which neither outlives the other's failure, nor the call.
     *
     * @param left any stream
     * @param right any stream
     * @throws IOException if one of them fails
     */
    public static void group(ByteStream left, ByteStream right) throws IOException {
        // @start region="group"
        // One fails, the other is cancelled, and run throws the failure once both have ended.
        TaskGroup.run(group -> {
            group.fork(() -> left.forEach(right::send));
            group.fork(() -> right.forEach(left::send));
        });
        // @end region="group"
    }

    /**
     * Results, in order.
     *
     * @param streams any streams
     * @return the first chunk of each
     * @throws IOException if one of them fails; the others are cancelled then
     */
    public static List<byte[]> gather(List<? extends ByteReceiveStream> streams) throws IOException {
        // @start region="gather"
        return TaskGroup.call(group -> {
            var chunks = new ArrayList<Task<byte[]>>();
            for (var stream : streams) {
                chunks.add(group.fork(() -> stream.receive()));
            }
            var gathered = new ArrayList<byte[]>();
            for (var chunk : chunks) {
                gathered.add(chunk.join()); // whichever fails first cancels the rest, this wait included
            }
            return gathered;
        });
        // @end region="gather"
    }

    /**
     * The fastest of several.
     *
     * @param streams any streams, at least one
     * @return what came first
     * @throws IOException if one fails before that
     */
    public static byte[] race(List<? extends ByteReceiveStream> streams) throws IOException {
        // @start region="race"
        var winner = new CompletableFuture<byte[]>();
        TaskGroup.run(group -> {
            for (var stream : streams) {
                group.fork(() -> {
                    winner.complete(stream.receive());
                    group.cancel(); // the rest is not needed any more; run returns once they have ended
                });
            }
        });
        return winner.join();
        // @end region="race"
    }

    /**
     * A task that others need to be ready.
     *
     * @return where it can be reached
     * @throws IOException if the task fails
     */
    public static int start() throws IOException {
        // @start region="start"
        return TaskGroup.call(group -> {
            StartedTask<Integer> server = group.start(ready -> {
                int port = 4711; // the server opens its listener, and only then
                ready.ready(port); // says where it can be reached
            });
            return server.value();
        });
        // @end region="start"
    }

    /**
     * Scoped values in tasks.
     *
     * @return what the task saw
     * @throws IOException if the task fails
     */
    public static String captured() throws IOException {
        // @start region="captured"
        return ScopedValue.where(USER, "alice")
                .call(() -> TaskGroup.call(group -> {
                    var values = CapturedValues.of(USER);
                    return group.fork(() -> values.call(USER::get)).join(); // without values: not bound
                }));
        // @end region="captured"
    }
}

package io.bobbinet.examples;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;

/** Task groups. */
public final class TaskExamples {
    private TaskExamples() {}

    static void group(ByteStream left, ByteStream right) throws IOException {
        // @start region="group"
        TaskGroup.run(
                group -> { // one fails, the other is cancelled
                    group.fork(() -> left.forEach(right::send));
                    group.fork(() -> right.forEach(left::send));
                });
        // @end region="group"
    }

    static int start() throws IOException {
        // @start region="start"
        return TaskGroup.call(group -> {
            var server = group.<Integer>start(ready -> {
                int port = 4711; // the server opens its listener, and only then
                ready.ready(port); // says where it can be reached
            });
            return server.value();
        });
        // @end region="start"
    }
}

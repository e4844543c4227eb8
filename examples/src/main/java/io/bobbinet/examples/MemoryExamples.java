package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.FileReceiveStream;
import io.bobbinet.stream.FileSendStream;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.Listeners;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.MemoryQueue;
import io.bobbinet.stream.StapledByteStream;
import io.bobbinet.stream.StreamAdapters;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Queue;

/** Streams in memory and of files, joined and adapted. */
public final class MemoryExamples {
    private MemoryExamples() {}

    /**
     * Sends text through memory.
     *
     * @return what arrived
     * @throws IOException if that fails
     */
    public static String bytes() throws IOException {
        // @start region="bytes"
        try (var pair = MemoryByteStream.pair()) {
            pair.left().send("hello".getBytes(UTF_8));
            return new String(pair.right().receive(), UTF_8);
        }
        // @end region="bytes"
    }

    /**
     * Squares numbers in several tasks.
     *
     * @param results where the squares go, in any order
     * @throws IOException if that fails
     */
    public static void queue(Queue<Integer> results) throws IOException {
        // @start region="queue"
        var numbers = MemoryQueue.<Integer>bounded(16);
        TaskGroup.run(group -> {
            for (int worker = 0; worker < 3; worker++) {
                var receiver = numbers.receiver().duplicate();
                group.fork(() -> {
                    try (receiver) {
                        receiver.forEach(n -> results.add(n * n)); // until all senders are closed
                    }
                });
            }
            try (var sender = numbers.sender()) {
                for (int n = 1; n <= 100; n++) {
                    sender.send(n); // waits while 16 are in the queue
                }
            }
        });
        // @end region="queue"
    }

    /**
     * Talks with a process.
     *
     * @param command what to start
     * @return its streams as one
     * @throws IOException if it cannot be started
     */
    public static ByteStream process(String... command) throws IOException {
        // @start region="staple"
        Process process = new ProcessBuilder(command).start();
        ByteStream stream = StapledByteStream.of(
                StreamAdapters.asSendStream(process.getOutputStream()),
                StreamAdapters.asReceiveStream(process.getInputStream()));
        // @end region="staple"
        return stream;
    }

    /**
     * Copies a file.
     *
     * @param from the file
     * @param to its copy
     * @throws IOException if that fails
     */
    public static void files(Path from, Path to) throws IOException {
        // @start region="files"
        try (var source = FileReceiveStream.open(from);
                var target = FileSendStream.create(to)) {
            source.forEach(target::send);
        }
        // @end region="files"
    }

    /**
     * Reads a line with classes of the JDK.
     *
     * @param stream where from
     * @return the line
     * @throws IOException if that fails
     */
    public static String adapters(ByteStream stream) throws IOException {
        // @start region="adapters"
        var reader = new BufferedReader(new InputStreamReader(StreamAdapters.asInputStream(stream), UTF_8));
        String line = reader.readLine(); // cancelled like any receive, and the stream stays open
        // @end region="adapters"
        return line;
    }

    /**
     * Serves at two places.
     *
     * @param tcp one place
     * @param unix another place
     * @param handler what to do with a connection
     * @throws IOException if that fails
     */
    public static void merge(
            Listener<? extends ByteStream> tcp,
            Listener<? extends ByteStream> unix,
            ThrowingConsumer<ByteStream, IOException> handler)
            throws IOException {
        // @start region="merge"
        try (Listener<ByteStream> both = Listeners.merge(tcp, unix)) {
            both.serve(handler);
        }
        // @end region="merge"
    }
}

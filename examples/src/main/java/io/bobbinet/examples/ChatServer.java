package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.TextStream;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;

/** A chat: who connects gives a name, and then each line goes to everybody. Try it with {@code telnet}. */
public final class ChatServer {
    private final Set<BlockingQueue<String>> outboxes = ConcurrentHashMap.newKeySet();

    /** Opens a chat without guests. */
    public ChatServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        try (var listener = Tcp.listen(1234)) {
            new ChatServer().serve(listener);
        }
    }

    /** Serves until the listener is drained. */
    public void serve(Listener<? extends ByteStream> listener) throws IOException {
        listener.serve(client -> chat(TextStream.over(client, UTF_8)));
    }

    private void chat(TextStream guest) throws IOException {
        guest.sendLine("What is your name?");
        var name = guest.receiveLine(64);
        var outbox = new ArrayBlockingQueue<String>(100);
        TaskGroup.run(group -> {
            // What others say is sent by a task of its own, so that a guest who does not read holds up nobody.
            var sender = group.fork(() -> sendAll(outbox, guest));
            outboxes.add(outbox);
            tellAll(name + " is here");
            try {
                while (true) {
                    tellAll(name + ": " + guest.receiveLine(1024));
                }
            } catch (EndOfStreamException e) {
                // The guest has hung up.
            } finally {
                outboxes.remove(outbox);
                tellAll(name + " has left");
            }
            sender.cancel();
        });
    }

    private static void sendAll(BlockingQueue<String> outbox, TextStream guest)
            throws IOException, InterruptedException {
        while (true) {
            guest.sendLine(outbox.take());
        }
    }

    private void tellAll(String line) {
        outboxes.forEach(outbox -> outbox.offer(line)); // a full outbox misses the line
    }
}

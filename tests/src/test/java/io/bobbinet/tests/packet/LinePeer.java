package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/** A connection of a server of the JDK on a UNIX socket, which reads and writes lines. */
public final class LinePeer {
    private final SocketChannel channel;
    private final BufferedReader in;

    private LinePeer(SocketChannel channel) {
        this.channel = channel;
        this.in = new BufferedReader(Channels.newReader(channel, UTF_8));
    }

    /** What the server does with its only client. */
    public interface Conversation {
        List<String> with(LinePeer client) throws IOException;
    }

    /**
     * Serves a program.
     *
     * @return what the conversation gave back
     */
    public static List<String> serve(Path path, Conversation conversation, ThrowingConsumer<Path, IOException> program)
            throws IOException {
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            return TaskGroup.call(group -> {
                Task<List<String>> peer = group.fork(() -> {
                    try (var channel = listener.accept()) {
                        return conversation.with(new LinePeer(channel));
                    }
                });
                program.accept(path);
                return peer.join();
            });
        }
    }

    /** Says lines, in one go: all have come when one has. */
    public void say(String... lines) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((String.join("\n", lines) + "\n").getBytes(UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    public String hear() throws IOException {
        return in.readLine();
    }

    /** All lines until the client ends its stream. */
    public List<String> hearAll() {
        return in.lines().toList();
    }
}

package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingFunction;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** One connection of the JDK's own server on a UNIX socket, which knows nothing of packets: it reads and writes lines. */
final class TourPeer {
    private final SocketChannel channel;
    private final BufferedReader in;

    private TourPeer(SocketChannel channel) {
        this.channel = channel;
        this.in = new BufferedReader(Channels.newReader(channel, UTF_8));
    }

    /** What a server says and hears. */
    interface Conversation {
        String with(TourPeer client) throws IOException;
    }

    /**
     * Serves a program, and checks what it said and what the server heard.
     *
     * @param folder where the socket is made
     * @param conversation what the server does, and gives back what it heard
     * @param program what connects to the socket, and tells what it did
     * @return what it told, and what the server heard, if anything
     */
    static String serve(Path folder, Conversation conversation, ThrowingFunction<Path, String, IOException> program)
            throws IOException {
        Path path = folder.resolve("socket");
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            return TaskGroup.call(group -> {
                Task<String> peer = group.fork(() -> {
                    try (var channel = listener.accept()) {
                        return conversation.with(new TourPeer(channel));
                    }
                });
                String told = program.apply(path);
                String heard = peer.join();
                return heard.isEmpty() ? told : told + "; the server heard " + heard;
            });
        }
    }

    /** Says lines, in one go. */
    void say(String... lines) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((String.join("\n", lines) + "\n").getBytes(UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** {@return the next line} */
    String hear() throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("The client has ended before its line");
        }
        return line;
    }

    /** {@return all lines until the client ends its stream} */
    String hearAll() {
        return in.lines().collect(Collectors.joining(", "));
    }
}

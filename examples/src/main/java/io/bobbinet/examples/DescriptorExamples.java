package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Passing open files and sockets to other processes. */
public final class DescriptorExamples {
    private DescriptorExamples() {}

    /** Lets another process read a file that it need not be able to open. */
    public static void lend(UnixDescriptorStream stream, Path path) throws IOException {
        // @start region="send"
        try (var file = Descriptor.open(path)) {
            stream.sendMessage("a file for you".getBytes(UTF_8), List.of(file)); // the peer gets its own
        }
        // @end region="send"
    }

    /** {@return what is in a file that another process has open} */
    public static String read(UnixDescriptorStream stream) throws IOException {
        // @start region="receive"
        try (var message = stream.receiveMessage(1024);
                var file = message.descriptors().getFirst().asInputStream()) {
            return new String(file.readAllBytes(), UTF_8);
        } // what else came with the message is closed
        // @end region="receive"
    }

    /** Replaces a few bytes of a file. */
    public static void patch(Path path, long position, byte[] bytes) throws IOException {
        // @start region="open"
        try (var file = Descriptor.open(path, StandardOpenOption.WRITE).asChannel()) {
            file.position(position).write(ByteBuffer.wrap(bytes));
        }
        // @end region="open"
    }

    /** Hands the sockets of a listener to the process at a path, which goes on accepting where this one stops. */
    public static void handOver(TcpListener listener, Path path) throws IOException {
        // @start region="listener"
        try (var successor = Unix.connector(path).withDescriptors().connect()) {
            var sockets = listener.toDescriptors();
            try {
                successor.sendMessage("go on".getBytes(UTF_8), sockets);
            } finally {
                for (var socket : sockets) {
                    socket.close();
                }
            }
        }
        // @end region="listener"
    }

    /** {@return what came beside the bytes of a message, in words} */
    public static List<String> describe(UnixMessage message) {
        // @start region="controls"
        return message.controls().stream()
                .map(control -> switch (control) {
                    case ControlMessage.Rights rights -> rights.descriptors().size() + " descriptors";
                    case ControlMessage.Credentials sender -> "from " + sender.credentials();
                })
                .toList();
        // @end region="controls"
    }
}

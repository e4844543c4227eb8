package io.bobbinet.cli;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Endpoint;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.stream.EndOfStreamException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bobbinet take}. */
@Command(
        name = "take",
        description = {
            "Receives open files from a server, until it ends the connection, and prints what is in them. Linux only.",
            "The bytes that come with the files are not printed."
        })
final class TakeCommand implements Callable<Integer> {
    private static final int CHUNK = 1 << 16;

    @Parameters(
            paramLabel = "URI",
            converter = EndpointConverter.class,
            description = "Where to connect to: unix:///PATH or unix:@NAME.")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or complains
    private Endpoint endpoint;

    @Mixin
    private ConnectionOptions connections = new ConnectionOptions();

    private final StandardOutput out = new StandardOutput();

    @Override
    public Integer call() throws IOException {
        DescriptorSockets.check(endpoint);
        try (UnixDescriptorStream server =
                DescriptorSockets.target(endpoint, connections.timeout()).connect()) {
            connections.useCounting(server, Meter.ofAll(), meter -> take(server, meter));
        }
        return 0;
    }

    private void take(UnixDescriptorStream server, Meter meter) throws IOException {
        // Nothing will be sent: a server that waits for the end of its client need not wait.
        server.sendEof();
        int count = 0;
        while (true) {
            try (UnixMessage message = receive(server)) {
                if (message == null) {
                    break;
                }
                meter.received(message.data().length);
                if (message.isControlTruncated()) {
                    throw new IOException("Descriptors were lost after number "
                            + (count + message.descriptors().size())
                            + ": this process has as many files open as it may");
                }
                count = print(message.descriptors(), count, meter);
            }
        }
        if (count == 0) {
            throw new IOException("No descriptors came from " + endpoint);
        }
    }

    private static @Nullable UnixMessage receive(UnixDescriptorStream server) throws IOException {
        try {
            return server.receiveMessage(CHUNK);
        } catch (EndOfStreamException e) {
            return null;
        }
    }

    private int print(List<Descriptor> descriptors, int before, Meter meter) throws IOException {
        int count = before;
        for (Descriptor descriptor : descriptors) {
            count++;
            connections.tell("descriptor " + count + ": " + kind(descriptor));
            try (InputStream in = open(descriptor, count)) {
                print(in, meter);
            }
        }
        return count;
    }

    private static InputStream open(Descriptor descriptor, int number) throws IOException {
        try {
            return descriptor.asInputStream();
        } catch (IllegalArgumentException e) {
            throw new IOException("Descriptor " + number + " cannot be printed: " + kind(descriptor), e);
        }
    }

    /** {@return what a descriptor is, without its number, which means nothing to anybody else} */
    private static String kind(Descriptor descriptor) {
        return descriptor.toString().replaceFirst("^Descriptor\\[\\d+, (.*)]$", "$1");
    }

    private void print(InputStream in, Meter meter) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
            out.send(ByteBuffer.wrap(chunk, 0, count));
            meter.received(count);
        }
    }
}

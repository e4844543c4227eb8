package io.bobbinet.packet;

import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A source with control messages. */
final class MessageSource extends Source {
    private final UnixDescriptorStream stream;
    private final Besides besides = new Besides();

    MessageSource(UnixDescriptorStream below, int most, @Nullable Patience patience) {
        super(below, most, patience);
        this.stream = below;
    }

    UnixDescriptorStream stream() {
        return stream;
    }

    @Override
    byte[] read(int max) throws IOException {
        UnixMessage message = stream.receiveMessage(atMost(max));
        besides.add(received(), received() + message.data().length, message);
        return message.data();
    }

    @Override
    int read(ByteBuffer target) throws IOException {
        byte[] bytes = read(target.remaining());
        target.put(bytes);
        return bytes.length;
    }

    /** Makes a message of a packet, which ends at a position, and of what came beside its bytes. */
    <R> PacketMessage<R> messageOf(R packet, long end) throws IOException {
        return besides.messageOf(packet, end);
    }

    @Override
    void passed(long position) {
        besides.discardUntil(position);
    }

    @Override
    public void close() throws IOException {
        besides.close();
        super.close();
    }
}

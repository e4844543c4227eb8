package io.bobbinet.packet;

import io.bobbinet.net.UnixMessage;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.ThrowingCallable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;

/** Makes packets of datagrams. */
final class PacketDecoding {
    private PacketDecoding() {}

    static <R> R decode(Codec<R> codec, byte[] data, boolean truncated) throws IOException {
        if (truncated) {
            throw new MalformedPacketException(codec.toString(), "the datagram was cut to " + data.length + " bytes")
                    .after(data.length, true);
        }
        try {
            return inMemory(() -> codec.decode(data));
        } catch (MalformedPacketException e) {
            throw e.after(data.length, true);
        } catch (Throwable t) {
            throw PacketProtocolException.crashed(crash(codec), t);
        }
    }

    /** See {@link FramedCodec#decodeContent}. */
    static <T> T content(Codec<?> codec, ThrowingCallable<? extends T, IOException> decoding)
            throws MalformedPacketException {
        try {
            return inMemory(decoding);
        } catch (MalformedPacketException e) {
            throw e.ofWholePacket();
        } catch (Throwable t) {
            throw PacketProtocolException.crashed(crash(codec), t).behindFrame();
        }
    }

    /** The bytes have been taken: a cancellation or an interrupt that comes now is the next call's. */
    private static <T> T inMemory(ThrowingCallable<? extends T, IOException> decoding) throws IOException {
        try {
            return Objects.requireNonNull(decoding.call(), "the packet is null");
        } catch (CancelledException | InterruptedIOException e) {
            return CancelScope.shielded()
                    .<T, IOException>call(() -> Objects.requireNonNull(decoding.call(), "the packet is null"))
                    .orElseThrow();
        }
    }

    static String crash(Codec<?> codec) {
        return "The codec " + codec + " crashed when it was to decode a packet";
    }

    static <R> PacketMessage<R> decode(Codec<R> codec, UnixMessage message) throws IOException {
        try {
            return new PacketMessage<>(
                    decode(codec, message.data(), message.isTruncated()),
                    message.descriptors(),
                    message.credentials(),
                    message.isControlTruncated());
        } catch (Throwable t) {
            try {
                message.close();
            } catch (IOException e) {
                t.addSuppressed(e);
            }
            throw t;
        }
    }
}

package io.bobbinet.packet.codec;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Packets that a library writes to an {@link OutputStream} and reads from an {@link InputStream}, and whose end it finds by itself.
 *
 * {@snippet file="CodecExamples.java" region="file-like"}
 *
 * <p>The loader is called once for a packet, and its reads wait for the bytes as they come. What it has not read stays in the
 * stream; so a loader that reads ahead, through a {@code BufferedInputStream} for instance, loses what is behind its packet. The
 * end of the stream is {@code -1}, as for every input stream: a loader that takes it for the end of its packet gets its packet.
 *
 * <p>When the loader refuses what it reads, nobody knows where the next packet begins, and nothing more is received. One that does
 * know throws {@link MalformedPacketException} itself. So it is with a packet that is too long.
 *
 * <p>Immutable; serves any number of threads, if loader and dumper do.
 *
 * @param <T> the type of the packets
 */
public final class FileLike<T> implements FramedCodec<T> {

    /**
     * Reads packets.
     *
     * @param <T> the type of the packets
     */
    @FunctionalInterface
    public interface Loader<T> {

        /**
         * Reads one packet.
         *
         * @param source where its bytes come from; need not be closed
         * @return the packet, never null
         * @throws Exception one that is expected, if what comes is no packet; any other is a crash
         */
        T load(InputStream source) throws Exception;
    }

    /**
     * Writes packets.
     *
     * @param <T> the type of the packets
     */
    @FunctionalInterface
    public interface Dumper<T> {

        /**
         * Writes one packet.
         *
         * @param packet the packet
         * @param target where its bytes go, in memory
         * @throws IllegalArgumentException if the packet cannot be sent; nothing is sent
         * @throws IOException if the target throws it, which it does not
         */
        void dump(T packet, OutputStream target) throws IOException;
    }

    private final String name;
    private final Loader<? extends T> loader;
    private final Dumper<? super T> dumper;
    private final List<Class<? extends Exception>> expected;
    private final int limit;

    private FileLike(
            String name,
            Loader<? extends T> loader,
            Dumper<? super T> dumper,
            List<Class<? extends Exception>> expected,
            int limit) {
        this.name = name;
        this.loader = loader;
        this.dumper = dumper;
        this.expected = List.copyOf(expected);
        this.limit = limit;
    }

    /**
     * {@return packets of at most 65,536 bytes; an {@link IOException} of the loader's own means that what came is no packet}
     *
     * @param <T> the type of the packets
     * @param loader reads a packet
     * @param dumper writes a packet
     */
    public static <T> FileLike<T> of(Loader<? extends T> loader, Dumper<? super T> dumper) {
        return new FileLike<>(
                "file-like packets",
                Objects.requireNonNull(loader, "loader"),
                Objects.requireNonNull(dumper, "dumper"),
                List.of(IOException.class),
                Limit.DEFAULT);
    }

    /**
     * {@return the same with one more exception by which the loader says that what came is no packet}
     *
     * @param exception the class of the exception, which stands for those below it too
     */
    public FileLike<T> withExpected(Class<? extends Exception> exception) {
        List<Class<? extends Exception>> more = new ArrayList<>(expected);
        more.add(exception);
        return new FileLike<>(name, loader, dumper, more, limit);
    }

    /**
     * {@return the same with a name, for the messages of exceptions}
     *
     * @param newName what the packets are
     */
    public FileLike<T> withName(String newName) {
        return new FileLike<>(Objects.requireNonNull(newName, "newName"), loader, dumper, expected, limit);
    }

    /**
     * {@return the same with another limit}
     *
     * @param bytes how many bytes a packet has at most
     * @throws IllegalArgumentException if it is less than 1
     */
    public FileLike<T> withLimit(int bytes) {
        return new FileLike<>(name, loader, dumper, expected, Limit.checked(bytes));
    }

    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        PacketBytes bytes = new PacketBytes();
        dumper.dump(packet, bytes);
        Limit.checkSent(bytes.size(), limit, this);
        bytes.writeTo(target);
    }

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        Window window = new Window(stream, limit);
        FrameInput input = new FrameInput(window);
        T packet;
        try {
            packet = loader.load(input);
        } catch (MalformedPacketException e) {
            input.rethrow(false);
            window.take();
            throw e;
        } catch (Exception e) {
            input.rethrow(true);
            throw refused(e, input);
        }
        input.rethrow(false);
        if (input.isExceeded()) { // and the loader has taken that for the end
            throw MalformedPacketException.unrecoverable(name, tooLong());
        }
        window.take();
        return packet;
    }

    private String tooLong() {
        return "a packet is longer than " + limit + " bytes";
    }

    private MalformedPacketException refused(Exception e, FrameInput input) {
        if (input.isExceeded()) {
            return MalformedPacketException.unrecoverable(name, tooLong(), e);
        }
        if (expected.stream().anyMatch(type -> type.isInstance(e))) {
            return MalformedPacketException.unrecoverable(name, "the loader refuses what came: " + e.getMessage(), e);
        }
        throw switch (e) {
            case RuntimeException unchecked -> unchecked;
            case IOException checked -> new UncheckedIOException(checked);
            default -> new UndeclaredThrowableException(e);
        };
    }

    @Override
    public String toString() {
        return name;
    }
}

package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Datagram;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Optional;

/** Standard input and output by lines, each of which is a datagram or a packet. */
final class StandardLines {
    private static final byte[] END = {'\n'};

    private final BufferedReceiveStream in = BufferedReceiveStream.over(new StandardInput());
    private final StandardOutput out = new StandardOutput();

    /** What the packets in datagrams are, if they are not lines themselves. */
    private final Optional<PacketForm<?>> form;

    StandardLines() {
        this(Optional.empty());
    }

    /** With datagrams that have a packet each, whose line is read and printed. */
    StandardLines(Optional<PacketForm<?>> form) {
        this.form = form;
    }

    /** {@return what the next line says is to be sent in a datagram; empty when the input has ended} */
    Optional<byte[]> nextDatagram() throws IOException {
        Optional<byte[]> line = next();
        return line.isPresent() && form.isPresent() ? Optional.of(form.get().datagram(text(line.get()))) : line;
    }

    /** {@return the next line as text; empty when the input has ended} */
    Optional<String> nextText() throws IOException {
        Optional<byte[]> line = next();
        return line.isPresent() ? Optional.of(text(line.get())) : Optional.empty();
    }

    private static String text(byte[] line) throws IOException {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException("A line of standard input is no text in UTF-8", e);
        }
    }

    /**
     * {@return the next line of standard input, without its end; empty when the input has ended} A wait that is cancelled loses
     * nothing. What comes after the last line end counts as a line.
     */
    Optional<byte[]> next() throws IOException {
        byte[] line;
        try {
            line = in.receiveUntil(END, DatagramSockets.LONGEST);
        } catch (EndOfStreamException e) {
            return Optional.empty();
        } catch (IncompleteReadException e) {
            line = in.receive(in.buffered());
        } catch (DelimiterNotFoundException e) {
            throw new IOException(
                    "A line of standard input is longer than a datagram can be, or a packet: " + DatagramSockets.LONGEST
                            + " bytes",
                    e);
        }
        boolean carriageReturn = line.length > 0 && line[line.length - 1] == '\r';
        return Optional.of(carriageReturn ? Arrays.copyOf(line, line.length - 1) : line);
    }

    /** Writes a datagram to standard output as a line, and says so if that is not all of it. */
    void print(Datagram<?> datagram) throws IOException {
        byte[] line = datagram.data();
        if (datagram.isTruncated()) {
            String all = datagram.length().isPresent()
                    ? Integer.toString(datagram.length().getAsInt())
                    : "more than " + line.length;
            Complaints.say("a datagram of " + all + " B from " + DatagramSockets.sender(datagram)
                    + " is too long: its first " + line.length + " B are printed");
        }
        if (form.isEmpty()) {
            print(line);
            return;
        }
        try {
            print(form.get().line(line));
        } catch (MalformedPacketException e) {
            Complaints.say(
                    "what came from " + DatagramSockets.sender(datagram) + " is no packet: " + Complaints.describe(e));
        }
    }

    /** Writes a line to standard output. */
    void print(String line) throws IOException {
        print(line.getBytes(UTF_8));
    }

    private void print(byte[] line) throws IOException {
        out.send(ByteBuffer.allocate(line.length + 1).put(line).put(END).flip());
    }
}

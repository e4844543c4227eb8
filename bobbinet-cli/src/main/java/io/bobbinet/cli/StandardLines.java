package io.bobbinet.cli;

import io.bobbinet.net.Datagram;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** Standard input and output by lines, each of which is a datagram. */
final class StandardLines {
    private static final byte[] END = {'\n'};

    private final BufferedReceiveStream in = BufferedReceiveStream.over(new StandardInput());
    private final StandardOutput out = new StandardOutput();

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
                    "A line of standard input is longer than a datagram can be: " + DatagramSockets.LONGEST + " bytes",
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
        out.send(ByteBuffer.allocate(line.length + 1).put(line).put(END).flip());
    }
}

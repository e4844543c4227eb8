package io.bobbinet.testkit;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Receives all packets of a stream, and notes what came of it. */
final class PacketTrial {
    private PacketTrial() {}

    /**
     * Gives the packets and the {@link MalformedPacketException}s in their order, and the exception that ended it if that was
     * not the orderly end of the stream.
     *
     * @param most how many events there may be
     */
    static <T> List<Object> run(FramedCodec<T> codec, ByteStream stream, int most) throws IOException {
        List<Object> events = new ArrayList<>();
        boolean lost = false;
        try (PacketClient<T, T> client = PacketClient.over(stream, StreamProtocol.of(codec))) {
            while (true) {
                Expect.that(events.size() <= most, "There is no end of packets: " + events.size() + " came");
                try {
                    events.add(client.receive());
                } catch (MalformedPacketException e) {
                    events.add(e);
                    lost = !e.isRecoverable();
                }
            }
        } catch (BrokenResourceException e) {
            Expect.that(lost, "The stream is broken after " + events + ": " + e);
            events.add(e);
        } catch (IncompleteReadException e) {
            events.add(e);
        } catch (EndOfStreamException e) {
            return events;
        }
        return events;
    }
}

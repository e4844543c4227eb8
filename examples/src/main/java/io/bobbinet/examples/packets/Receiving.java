package io.bobbinet.examples.packets;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.task.TimedOutException;
import java.io.IOException;
import java.time.Duration;

/** Receives packets. */
public final class Receiving {
    private Receiving() {}

    /** Receives the next packet; what has come behind it is kept. */
    public static String receive(PacketClient<?, Data> client) throws IOException {
        // @start region="receive"
        var packet = client.receive();
        return "Received packet: " + packet;
        // @end region="receive"
    }

    /** Receives the next packet within a time. */
    public static String receiveInTime(PacketClient<?, Data> client, Duration limit) throws IOException {
        // @start region="receive-timeout"
        try {
            return "Received packet: " + client.receive(limit);
        } catch (TimedOutException e) {
            return "Timed out"; // nothing is lost
        }
        // @end region="receive-timeout"
    }

    /** Receives the next packet, or what is none. */
    public static String receiveOrTell(PacketClient<?, Data> client, Duration limit) throws IOException {
        // @start region="receive-malformed"
        try {
            return "Received packet: " + client.receive(limit);
        } catch (MalformedPacketException e) {
            return "Received something invalid"; // the next receive gives what comes behind it
        } catch (TimedOutException e) {
            return "Timed out";
        }
        // @end region="receive-malformed"
    }
}

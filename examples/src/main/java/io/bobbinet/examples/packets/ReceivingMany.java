package io.bobbinet.examples.packets;

import io.bobbinet.packet.PacketClient;
import java.io.IOException;
import java.time.Duration;

/** Receives several packets at once. */
public final class ReceivingMany {
    private ReceivingMany() {}

    /** Receives all that has come, without waiting. */
    public static String receive(PacketClient<?, Data> client) throws IOException {
        // @start region="receive-available"
        var arrived = client.available();
        return "Received packets: " + arrived.packets();
        // @end region="receive-available"
    }

    /** Receives all that comes within a time, and tells why it is no more. */
    public static String receive(PacketClient<?, Data> client, Duration budget) throws IOException {
        // @start region="receive-budget"
        var arrived = client.available(budget);
        return "Received packets: " + arrived.packets() + ", then " + arrived.end();
        // @end region="receive-budget"
    }
}

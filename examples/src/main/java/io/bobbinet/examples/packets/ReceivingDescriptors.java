package io.bobbinet.examples.packets;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.packet.PacketClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Receives packets with what came beside them. */
public final class ReceivingDescriptors {
    private ReceivingDescriptors() {}

    /** Receives a packet and control messages of any kind. */
    public static List<String> receive(PacketClient<?, Data> client) throws IOException {
        // @start region="receive-descriptors"
        try (var message = client.receiveMessage()) { // closes what nobody has opened
            var lines = new ArrayList<>(List.of("Received packet: " + message.packet()));
            for (var control : message.controls()) {
                switch (control) {
                    case ControlMessage.Rights rights ->
                        rights.descriptors().forEach(file -> lines.add("Received file: " + file));
                    case ControlMessage.Credentials senders ->
                        senders.credentials().forEach(sender -> lines.add("Received credential: " + sender));
                }
            }
            return lines;
        }
        // @end region="receive-descriptors"
    }

    /** Receives a packet and as many descriptors as the system passes at once, which is 253: no size is to be set. */
    public static String receiveMany(PacketClient<?, Data> client) throws IOException {
        // @start region="receive-many-descriptors"
        try (var message = client.receiveMessage()) {
            return "Received packet: " + message.packet() + " and "
                    + message.descriptors().size() + " files"
                    + (message.isControlTruncated() ? ", others were lost" : "");
        }
        // @end region="receive-many-descriptors"
    }
}

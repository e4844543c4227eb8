package io.bobbinet.examples.packets;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.packet.PacketMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Receives packets with what came beside them, without waiting for it. */
public final class AsyncReceivingDescriptors {
    private AsyncReceivingDescriptors() {}

    /** Receives a packet and control messages of any kind. */
    public static CompletableFuture<List<String>> receive(AsyncPacketClient<?, Data> client) {
        return client.receiveMessage().thenApply(AsyncReceivingDescriptors::describe);
    }

    private static List<String> describe(PacketMessage<Data> received) {
        try (var message = received) { // closes what nobody has opened
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
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Receives a packet and counts its descriptors, of which there may be 253. */
    public static CompletableFuture<String> receiveMany(AsyncPacketClient<?, Data> client) {
        return receive(client).thenApply(lines -> lines.getFirst() + " and " + (lines.size() - 1) + " files");
    }
}

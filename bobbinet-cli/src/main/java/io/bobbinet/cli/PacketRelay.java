package io.bobbinet.cli;

import io.bobbinet.packet.PacketClient;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;

/**
 * Carries packets, each made anew, and drops what is none.
 *
 * @param <T> the type of the packets
 */
final class PacketRelay<T> {
    private final PacketForm<T> form;
    private final ConnectionOptions connections;

    PacketRelay(PacketForm<T> form, ConnectionOptions connections) {
        this.form = form;
        this.connections = connections;
    }

    /** Sends back what comes, until it ends. */
    void echo(ByteStream stream, String peer) throws IOException {
        try (var client = PacketClient.over(stream, form.onStreams())) {
            carry(client, client, peer);
        } catch (IncompleteReadException e) {
            connections.tellOfMalformed(peer, e);
        }
    }

    /** Carries packets both ways until both sides have ended. */
    void relay(ByteStream left, String leftName, ByteStream right, String rightName) throws IOException {
        // Both are closed by who has opened them.
        var leftClient = PacketClient.over(left, form.onStreams());
        var rightClient = PacketClient.over(right, form.onStreams());
        TaskGroup.run(group -> {
            group.fork(() -> carryToEnd(leftClient, rightClient, leftName));
            group.fork(() -> carryToEnd(rightClient, leftClient, rightName));
        });
    }

    private void carryToEnd(PacketClient<T, T> from, PacketClient<T, T> to, String sender) throws IOException {
        carry(from, to, sender);
        try {
            to.sendEof();
        } catch (UnsupportedOperationException e) {
            // TLS 1.2 cannot end one direction alone: it stays open until the other side ends.
        }
    }

    private void carry(PacketClient<T, T> from, PacketClient<T, T> to, String sender) throws IOException {
        from.<IOException>forEach(
                packet -> {
                    try {
                        to.send(packet);
                    } catch (IllegalArgumentException e) {
                        connections.tellOfMalformed(sender, e); // it was longer when it was made anew
                    }
                },
                malformed -> connections.tellOfMalformed(sender, malformed));
    }
}

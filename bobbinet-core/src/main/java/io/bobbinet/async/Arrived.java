package io.bobbinet.async;

import io.bobbinet.packet.PacketMessage;
import java.io.IOException;

/** What one receive took off the connection. */
sealed interface Arrived<R> {
    /** A packet, of a connection where nothing comes beside packets. */
    record Packet<R>(R packet) implements Arrived<R> {}

    /** A packet and what came beside it. */
    record Message<R>(PacketMessage<R> message) implements Arrived<R> {}

    /** What was consumed and is no packet. */
    record Bad<R>(Exception failure) implements Arrived<R> {}

    /** The packet. */
    default R packet() throws Exception {
        return switch (this) {
            case Packet<R>(R packet) -> packet;
            case Message<R>(PacketMessage<R> message) -> message.packet();
            case Bad<R>(Exception failure) -> throw failure;
        };
    }

    /** The packet and what came beside it. */
    default PacketMessage<R> message() throws Exception {
        return switch (this) {
            case Packet<R>(R packet) -> throw new IllegalStateException("nothing comes beside " + packet);
            case Message<R>(PacketMessage<R> message) -> message;
            case Bad<R>(Exception failure) -> throw failure;
        };
    }

    /** Closes what came beside the packet. */
    default void discard() {
        if (this instanceof Message<R>(PacketMessage<R> message)) {
            try {
                message.close();
            } catch (IOException e) {
                // The descriptors are closed all the same, and nobody has ever known of them.
            }
        }
    }
}

/**
 * Packets instead of bytes: what travels is agreed on once, as a protocol, and sent and received as objects.
 *
 * <p>A {@link io.bobbinet.packet.Codec} turns packets into bytes and back; a {@link io.bobbinet.packet.FramedCodec} knows besides
 * where in a stream a packet ends. Those that most programs need are in {@code io.bobbinet.packet.codec}, JSON and CBOR in the
 * module {@code io.bobbinet.jackson}, MessagePack in {@code bobbinet-msgpack}; a {@link io.bobbinet.packet.Converter} makes the
 * objects of a program of what travels. {@link io.bobbinet.packet.StreamProtocol} and
 * {@link io.bobbinet.packet.DatagramProtocol} are what clients and servers are given.
 *
 * <p>{@link io.bobbinet.packet.PacketClient} is one end of a stream, {@link io.bobbinet.packet.DatagramClient} of a connected
 * datagram socket; {@link io.bobbinet.packet.PacketServer} and {@link io.bobbinet.packet.DatagramServer} serve many.
 */
@NullMarked
package io.bobbinet.packet;

import org.jspecify.annotations.NullMarked;

/**
 * Packets for code that is not on virtual threads: the clients of {@link io.bobbinet.packet} with
 * {@link java.util.concurrent.CompletableFuture}s and {@link java.util.concurrent.Flow.Publisher}s.
 *
 * <p>They are adapters, and can do nothing that {@link io.bobbinet.packet.PacketClient} and
 * {@link io.bobbinet.packet.DatagramClient} cannot. On a virtual thread those are simpler and faster.
 */
@NullMarked
package io.bobbinet.async;

import org.jspecify.annotations.NullMarked;

/**
 * Echo servers measured side by side: each is a process of its own that stays up, and a load that favours none of them
 * goes from one to the other, round after round.
 *
 * <p>To add a server, write a class with a {@code main} that calls {@link io.bobbinet.bench.peer.Peer#serving(int)}, and
 * list it in {@link io.bobbinet.bench.peer.Contestant}.
 *
 * <p>And TLS connections: {@link io.bobbinet.bench.peer.TlsComparison} for their speed, with two processes of each library,
 * and {@link io.bobbinet.bench.peer.TlsIdleHeap} for the memory that they take. And datagrams:
 * {@link io.bobbinet.bench.peer.UdpComparison}, with two processes as well.
 */
@NullMarked
package io.bobbinet.bench.peer;

import org.jspecify.annotations.NullMarked;

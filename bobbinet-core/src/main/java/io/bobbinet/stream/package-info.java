/**
 * Streams of bytes and of objects, what they promise, and what can be built from them.
 *
 * <p>Everything that carries bytes is a {@link io.bobbinet.stream.ByteStream} or half of one: sockets, TLS, memory, files,
 * and the wrappers that buffer, decode text or join two halves. What holds for all of them is said once, in
 * {@link io.bobbinet.stream.ByteReceiveStream} and {@link io.bobbinet.stream.ByteSendStream}, and checked by the contract
 * suites of the testkit, which anybody can run over a stream of their own.
 *
 * <p>One reader and one writer may use a stream at the same time; a second in the same direction gets
 * {@link io.bobbinet.stream.BusyResourceException} at once. The end of a stream is an exception,
 * {@link io.bobbinet.stream.EndOfStreamException}, and nothing else.
 */
@NullMarked
package io.bobbinet.stream;

import org.jspecify.annotations.NullMarked;

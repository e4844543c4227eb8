package io.bobbinet.spi;

/**
 * Two stream sockets that are connected to each other.
 *
 * @param first one end
 * @param second the other end
 */
public record HandlePair(StreamHandle first, StreamHandle second) {}

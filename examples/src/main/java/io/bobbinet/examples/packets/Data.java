package io.bobbinet.examples.packets;

/**
 * What the programs of this package send and receive: {@code {"data":42}}.
 *
 * @param data some number
 */
public record Data(int data) {}

package io.bobbinet.spi;

/**
 * What one {@code recvmsg} of a stream socket gave.
 *
 * @param data the bytes; may be empty if none were asked for
 * @param end whether it was the end of the stream, with neither bytes nor control data
 * @param control what came beside the bytes
 */
public record SystemMessage(byte[] data, boolean end, ControlData control) {}

package io.bobbinet.packet;

import io.bobbinet.task.CancelledException;

/**
 * A codec or converter has crashed: it threw what it must not throw. A mistake of the program, not of the peer. Of what it was to
 * send nothing was sent.
 *
 * <p>On a stream {@link #isRecoverable()} tells whether the next packet can be received. It can if the codec had taken the whole
 * packet, see {@link FramedCodec#decodeContent}; else nobody knows where the next one begins, and later receives throw
 * {@link io.bobbinet.stream.BrokenResourceException} with this as cause.
 */
public final class PacketProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whether the stream that was received from is not where the next packet begins. */
    private boolean lost;

    /** Whether it was thrown behind the whole frame of a packet. */
    private boolean behind;

    /**
     * Makes the exception.
     *
     * @param message what crashed
     * @param cause how
     */
    public PacketProtocolException(String message, Throwable cause) {
        super(message, cause);
    }

    /** {@return the exception for what a codec threw and must not} A cancellation and a lack of memory leave it as they are. */
    static PacketProtocolException crashed(String message, Throwable thrown) {
        switch (thrown) {
            case CancelledException e -> throw e;
            case PacketProtocolException e when e.behind -> throw e;
            case StackOverflowError e -> {}
            case VirtualMachineError e -> throw e;
            default -> {}
        }
        return new PacketProtocolException(message, thrown);
    }

    /**
     * Makes the exception.
     *
     * @param message what the codec did that it must not do
     */
    public PacketProtocolException(String message) {
        super(message);
    }

    /** {@return whether what it happened in can go on} Always, but for a stream whose next packet cannot be found. */
    public boolean isRecoverable() {
        return !lost;
    }

    /** Notes that the whole frame had been taken. */
    PacketProtocolException behindFrame() {
        behind = true;
        return this;
    }

    boolean isBehindFrame() {
        return behind;
    }

    /** Notes that no further packet can be found. */
    PacketProtocolException lost() {
        lost = true;
        return this;
    }
}

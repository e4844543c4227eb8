package io.bobbinet.bench.peer;

/** How datagrams are sent and received while that is measured. The JDK's channel has only one way: one at a time. */
enum UdpWork {
    SINGLE("one at a time, sockets without a fixed peer", Sending.SINGLE, Receiving.SINGLE),
    CONNECTED("one at a time, connected sockets", Sending.SINGLE, Receiving.SINGLE),
    ECHO("one there and back, one under way, no fixed peer", Sending.SINGLE, Receiving.SINGLE),
    SEGMENTED("batches of one size, to a receiver that coalesces", Sending.EQUAL_BATCHES, Receiving.COALESCED),
    UNCOALESCED(
            "batches of one size, to a receiver of batches that does not coalesce",
            Sending.EQUAL_BATCHES,
            Receiving.BATCHES),
    PLAIN("batches of one size, to a DatagramChannel", Sending.EQUAL_BATCHES, Receiving.CHANNEL),
    UNSEGMENTED("batches of many sizes, of which no two can go as one", Sending.MIXED_BATCHES, Receiving.BATCHES),
    UNSEGMENTED_CONNECTED("the same, connected sockets", Sending.MIXED_BATCHES, Receiving.BATCHES);

    /** How many datagrams a batch has. */
    static final int BATCH = 64;

    /** From as many bytes on a batch of ours coalesces. */
    private static final int COALESCING = 65_536;

    private final String meaning;
    private final Sending sending;
    private final Receiving receiving;

    UdpWork(String meaning, Sending sending, Receiving receiving) {
        this.meaning = meaning;
        this.sending = sending;
        this.receiving = receiving;
    }

    private enum Sending {
        SINGLE,
        EQUAL_BATCHES,
        MIXED_BATCHES
    }

    private enum Receiving {
        SINGLE,
        COALESCED,
        BATCHES,
        CHANNEL
    }

    String meaning() {
        return meaning;
    }

    /** {@return whether the receiver sends back what it gets, and the sender waits for it before it goes on} */
    boolean isEchoed() {
        return this == ECHO;
    }

    /** {@return whether our sockets are connected to each other} */
    boolean isConnected() {
        return this == CONNECTED || this == UNSEGMENTED_CONNECTED;
    }

    boolean isSentInBatches() {
        return sending != Sending.SINGLE;
    }

    boolean isReceivedInBatches() {
        return receiving == Receiving.COALESCED || receiving == Receiving.BATCHES;
    }

    /** {@return whether a channel of the JDK receives, whoever sends} */
    boolean isReceivedByChannel() {
        return receiving == Receiving.CHANNEL;
    }

    /**
     * {@return how long the datagram at a place in a batch is} Where sizes are mixed each is longer than the one before:
     * only the last segment may have another size than the others, a smaller one, udp(7).
     */
    int size(int index, int size) {
        return sending == Sending.MIXED_BATCHES ? size - BATCH / 2 + 1 + index % BATCH : size;
    }

    /** {@return how many bytes a receiver has for each datagram} */
    int room(int size) {
        return size + BATCH;
    }

    /** {@return for how many datagrams a receiver of batches has room} */
    int slots(int size) {
        return receiving == Receiving.COALESCED
                ? Math.max(BATCH, Math.ceilDiv(2 * COALESCING, room(size)))
                : Math.min(BATCH, (COALESCING - 1) / room(size));
    }
}

package io.bobbinet.bench.peer;

/** What is done over a TLS connection while it is measured. */
enum TlsWork {
    BULK("16 KiB writes, one way", 16_384, false),
    SMALL("64-byte writes, a record each, one way", 64, false),
    ECHO("64 bytes there and back, one under way", 64, true);

    private final String meaning;
    private final int size;
    private final boolean echoed;

    TlsWork(String meaning, int size, boolean echoed) {
        this.meaning = meaning;
        this.size = size;
        this.echoed = echoed;
    }

    String meaning() {
        return meaning;
    }

    /** {@return bytes of a message, each of which is one TLS record} */
    int size() {
        return size;
    }

    /** {@return whether the receiver sends back what it gets, and the sender waits for it before it goes on} */
    boolean isEchoed() {
        return echoed;
    }
}

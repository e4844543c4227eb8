package io.bobbinet.bench.peer;

/**
 * What one round gave, of a TLS connection.
 *
 * @param rate messages a second
 * @param sender microseconds of the sending process's processor time for a message
 * @param receiver the same of the receiving process
 */
record TlsSample(double rate, double sender, double receiver) {
    /** {@return all microseconds of processor time for a message} */
    double cpu() {
        return sender + receiver;
    }
}

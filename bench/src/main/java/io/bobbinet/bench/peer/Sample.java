package io.bobbinet.bench.peer;

/**
 * What one round gave.
 *
 * @param rate messages a second
 * @param user microseconds of the server's processor time for a message, outside of the kernel
 * @param system the same, inside the kernel
 */
record Sample(double rate, double user, double system) {
    /** {@return all microseconds of the server's processor time for a message} */
    double cpu() {
        return user + system;
    }
}

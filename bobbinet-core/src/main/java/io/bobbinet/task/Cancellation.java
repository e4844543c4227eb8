package io.bobbinet.task;

/**
 * Why a scope was cancelled; the first cause stands.
 *
 * @param reason in words
 * @param byDeadline whether the scope's own deadline passed
 */
record Cancellation(String reason, boolean byDeadline) {

    CancelledException exception() {
        return new CancelledException(reason);
    }
}

package io.bobbinet.bench.peer;

/**
 * What one round gave, of datagrams.
 *
 * @param rate datagrams received a second
 * @param sentRate datagrams sent a second, those that were lost included
 * @param sender microseconds of the sending process's processor time for a datagram that it sent
 * @param receiver the same of the receiving process for one that it received
 * @param senderHeap bytes that the sending process allocated on its heap for a datagram that it sent
 * @param receiverHeap the same of the receiving process for one that it received
 */
record UdpSample(double rate, double sentRate, double sender, double receiver, double senderHeap, double receiverHeap) {
    /** {@return all microseconds of processor time for a datagram that arrives} */
    double cpu() {
        return sender * sentRate / rate + receiver;
    }

    /** {@return how many of a hundred datagrams were lost} */
    double lost() {
        return Math.max(0, 100 * (1 - rate / sentRate));
    }
}

package io.bobbinet.testkit;

import io.bobbinet.net.ConnectedDatagramTransport;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What connected datagram transports promise, as checks that run: all that {@link io.bobbinet.net.DatagramTransport} and
 * {@link ConnectedDatagramTransport} say. For tests of the library's transports and of your own:
 *
 * {@snippet :
 * @TestFactory
 * Stream<DynamicTest> contract() {
 *     return DatagramTransportContract.of(() -> MemoryDatagrams.faultless().pair())
 *             .checks().stream()
 *             .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
 * }
 * }
 *
 * <p>Each check makes its own transports and closes them. Checks need no test framework and no order, and may run at the same
 * time. They wait for no fixed times, but a check that does not end fails after 25 seconds. A transport must take 10 datagrams
 * of 100 bytes without a receiver, lose none and keep their order; take one of 60,000 bytes, and none of 1 MiB; and wait at a
 * {@link io.bobbinet.spi.WaitPoint}, as everything in this library does, for the checks to see that it waits.
 *
 * <p>Every check comes twice, with calls on virtual threads and on platform threads, and with the two ends exchanged.
 *
 * <p>Immutable.
 *
 * @param <A> the kind of address
 */
public final class DatagramTransportContract<A extends SocketAddress> {
    private final PairFactory<? extends ConnectedDatagramTransport<A>> pairs;
    private final boolean waiting;

    private DatagramTransportContract(PairFactory<? extends ConnectedDatagramTransport<A>> pairs, boolean waiting) {
        this.pairs = pairs;
        this.waiting = waiting;
    }

    /**
     * Makes the contract for transports whose sends do not wait for the peer to receive.
     *
     * @param <A> the kind of address
     * @param pairs makes two that are connected with each other
     * @return the contract
     */
    public static <A extends SocketAddress> DatagramTransportContract<A> of(
            PairFactory<? extends ConnectedDatagramTransport<A>> pairs) {
        return new DatagramTransportContract<>(Objects.requireNonNull(pairs, "pairs"), false);
    }

    /**
     * {@return the contract for transports whose sends wait while the peer has no room, as those of UNIX sockets do} Not more
     * than 100,000 datagrams of 100 bytes, and the sends that wait fail when the peer closes.
     */
    public DatagramTransportContract<A> withWaitingSenders() {
        return new DatagramTransportContract<>(pairs, true);
    }

    /**
     * {@return the checks}
     */
    public List<ContractCheck> checks() {
        List<ContractCheck> all = new ArrayList<>();
        addNamed(all, "OnVirtualThreads", new DatagramTerms<>(Actor.Kind.VIRTUAL, pairs, false));
        addNamed(all, "OnPlatformThreads", new DatagramTerms<>(Actor.Kind.PLATFORM, pairs, true));
        return List.copyOf(all);
    }

    private void addNamed(List<ContractCheck> all, String suffix, DatagramTerms<A> terms) {
        List<ContractCheck> checks = new ArrayList<>();
        checks.addAll(TransportReceiveChecks.of(terms));
        checks.addAll(TransportSendChecks.of(terms, waiting));
        checks.addAll(TransportBatchChecks.of(terms));
        checks.addAll(TransportServeChecks.of(terms));
        checks.forEach(check -> all.add(new ContractCheck(check.name() + suffix, check.body())));
    }
}

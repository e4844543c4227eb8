package io.bobbinet.testkit;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.ThrowingCallable;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What every {@link Backend} promises, as checks to run: the documentation of {@link io.bobbinet.spi}, sentence by
 * sentence.
 *
 * <p>The checks cover the sockets that the backend is capable of and the machine has: TCP and UDP over IPv4 and IPv6, and
 * UNIX streams and datagrams. Each is checked once with calls from virtual threads and once with calls from platform threads;
 * streams against peers that are channels of the JDK, datagrams among sockets of the backend and with such channels. They
 * need nothing but the loopback interface, a temporary folder and some hundred descriptors, leave nothing behind, and
 * may run at the same time as others; only the descriptor counts could then be disturbed.
 */
public final class BackendContract {
    private final Backend backend;
    private final long seed;
    private final List<ContractCheck> checks = new ArrayList<>();

    private BackendContract(Backend backend, long seed) {
        this.backend = backend;
        this.seed = seed;
    }

    /**
     * {@return the checks for a backend, with random choices from a fresh seed} A check that fails tells the seed.
     *
     * @param backend the backend
     */
    public static List<ContractCheck> checks(Backend backend) {
        return checks(backend, new Random().nextLong());
    }

    /**
     * {@return the checks for a backend, with the random choices of an earlier run}
     *
     * @param backend the backend
     * @param seed the seed that a failed check told
     */
    public static List<ContractCheck> checks(Backend backend, long seed) {
        BackendContract contract = new BackendContract(backend, seed);
        BackendBasics.addTo(contract);
        ReadChecks.addTo(contract);
        WriteChecks.addTo(contract);
        AwaitReadableChecks.addTo(contract);
        InterruptChecks.addTo(contract);
        CloseChecks.addTo(contract);
        ReleaseChecks.addTo(contract);
        ConnectChecks.addTo(contract);
        ListenerChecks.addTo(contract);
        DescriptorChecks.addTo(contract);
        StressChecks.addTo(contract);
        DatagramChecks.addTo(contract);
        DatagramAddressChecks.addTo(contract);
        DatagramErrorChecks.addTo(contract);
        DatagramInterruptChecks.addTo(contract);
        DatagramCloseChecks.addTo(contract);
        DatagramBatchChecks.addTo(contract);
        DatagramOptionChecks.addTo(contract);
        FullReceiverChecks.addTo(contract);
        MulticastChecks.addTo(contract);
        return List.copyOf(contract.checks);
    }

    /** Adds a check for every transport. */
    void add(String name, ThrowingConsumer<Setting, ?> body) {
        for (Transport transport : Transport.values()) {
            addFor(transport, name, body);
        }
    }

    /** Adds a check of what only TCP has. */
    void addForTcp(String name, ThrowingConsumer<Setting, ?> body) {
        addFor(Transport.TCP4, name, body);
        addFor(Transport.TCP6, name, body);
    }

    /** Adds a check of what only backends with {@link Capability#DESCRIPTORS} have. */
    void addForDescriptors(String name, ThrowingConsumer<Setting, ?> body) {
        if (backend.capabilities().contains(Capability.DESCRIPTORS)) {
            addFor(Transport.UNIX, name, body);
        }
    }

    void addFor(Transport transport, String name, ThrowingConsumer<Setting, ?> body) {
        if (backend.capabilities().contains(transport.needed) && transport.isThere()) {
            for (boolean virtual : new boolean[] {true, false}) {
                String where = name + "[" + transport + (virtual ? ", virtual]" : ", platform]");
                addOne(where, () -> new Setting(backend, transport, virtual, seed), body);
            }
        }
    }

    /** Adds a check for every kind of datagram socket. */
    void addForDatagrams(String name, ThrowingConsumer<DatagramSetting, ?> body) {
        for (DatagramKind kind : DatagramKind.values()) {
            addFor(kind, name, body);
        }
    }

    /** Adds a check of what only UDP has. */
    void addForUdp(String name, ThrowingConsumer<DatagramSetting, ?> body) {
        addFor(DatagramKind.UDP4, name, body);
        addFor(DatagramKind.UDP6, name, body);
    }

    void addFor(DatagramKind kind, String name, ThrowingConsumer<DatagramSetting, ?> body) {
        if (backend.capabilities().contains(kind.needed) && kind.isThere()) {
            for (boolean virtual : new boolean[] {true, false}) {
                String where = name + "[" + kind + (virtual ? ", virtual]" : ", platform]");
                addOne(where, () -> new DatagramSetting(backend, kind, virtual, seed), body);
            }
        }
    }

    private <S extends Surroundings> void addOne(
            String name, ThrowingCallable<S, IOException> opener, ThrowingConsumer<? super S, ?> body) {
        checks.add(new ContractCheck(name, () -> run(name, opener, body)));
    }

    private <S extends Surroundings> void run(
            String name, ThrowingCallable<S, IOException> opener, ThrowingConsumer<? super S, ?> body)
            throws IOException {
        try (S setting = opener.call()) {
            // On a thread of its own, so that a call that hangs fails the check.
            Background<Boolean> check = new Background<>(false, () -> {
                body.accept(setting);
                return true;
            });
            check.value();
        } catch (AssertionError e) {
            throw new AssertionError(name + " with seed " + seed + ": " + e.getMessage(), e);
        }
    }
}

package io.bobbinet.testkit;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.StreamPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What byte streams promise, as checks that run: all that {@link io.bobbinet.stream.ByteReceiveStream},
 * {@link io.bobbinet.stream.ByteSendStream} and {@link ByteStream} say. For tests of the library's streams and of your own:
 *
 * {@snippet :
 * @TestFactory
 * Stream<DynamicTest> contract() {
 *     return ByteStreamContract.of(MemoryByteStream::pair)
 *             .having(WAITS, BACK_PRESSURE, HALF_CLOSE)
 *             .checks()
 *             .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
 * }
 * }
 *
 * <p>Each check makes its own streams and closes them. Checks need no test framework and no order, and may run at the same
 * time. They wait for no fixed times, but a check that does not end fails after 25 seconds, and closes its streams. A stream
 * must take 64 bytes without a receiver, and wait at a
 * {@link io.bobbinet.spi.WaitPoint}, as everything in this library does, for the checks to see that it waits.
 *
 * <p>Every check comes twice, with calls on virtual threads and on platform threads; for two-way streams these are checked
 * in one direction and in the other.
 *
 * <p>Immutable.
 */
public final class ByteStreamContract {
    private final ByteLink.Factory links;
    private final ByteLink.Factory reversed;
    private final boolean twoWay;
    private final Set<StreamTrait> traits;
    private final Set<Attribute<?>> attributes;
    private final int size;

    private ByteStreamContract(
            ByteLink.Factory links,
            ByteLink.Factory reversed,
            boolean twoWay,
            Set<StreamTrait> traits,
            Set<Attribute<?>> attributes,
            int size) {
        this.links = links;
        this.reversed = reversed;
        this.twoWay = twoWay;
        this.traits = traits;
        this.attributes = attributes;
        this.size = size;
    }

    /**
     * Makes the contract for two-way streams.
     *
     * @param pairs makes the streams; no trait is assumed of them yet
     * @return the contract
     */
    public static ByteStreamContract of(PairFactory<? extends ByteStream> pairs) {
        Objects.requireNonNull(pairs, "pairs");
        return new ByteStreamContract(
                () -> link(pairs, false), () -> link(pairs, true), true, Set.of(), Set.of(), 1 << 20);
    }

    private static ByteLink link(PairFactory<? extends ByteStream> pairs, boolean reversed) throws Exception {
        StreamPair<? extends ByteStream> pair = pairs.open();
        return reversed ? new ByteLink(pair.right(), pair.left()) : new ByteLink(pair.left(), pair.right());
    }

    /**
     * Makes the contract for streams that have one direction, or of which one is to be checked.
     *
     * @param links makes the streams; no trait is assumed of them yet
     * @return the contract
     */
    public static ByteStreamContract ofOneWay(ByteLink.Factory links) {
        Objects.requireNonNull(links, "links");
        return new ByteStreamContract(links, links, false, Set.of(), Set.of(), 1 << 20);
    }

    /**
     * {@return the contract for streams with these traits, and no others}
     *
     * @param having what the streams can do
     */
    public ByteStreamContract having(StreamTrait... having) {
        return new ByteStreamContract(links, reversed, twoWay, Set.of(having), attributes, size);
    }

    /**
     * {@return the contract for streams that know some attributes}
     *
     * @param known what both streams must know, open and closed
     */
    public ByteStreamContract knowing(Attribute<?>... known) {
        return new ByteStreamContract(links, reversed, twoWay, traits, Set.of(known), size);
    }

    /**
     * {@return the contract with large transfers of another size}
     *
     * @param bytes how many bytes; 1 MiB if not said
     */
    public ByteStreamContract transferring(int bytes) {
        return new ByteStreamContract(links, reversed, twoWay, traits, attributes, bytes);
    }

    /**
     * {@return the checks}
     */
    public List<ContractCheck> checks() {
        List<ContractCheck> all = new ArrayList<>();
        addNamed(all, "OnVirtualThreads", new Terms(Actor.Kind.VIRTUAL, links, traits, attributes, size));
        addNamed(all, "OnPlatformThreads", new Terms(Actor.Kind.PLATFORM, reversed, traits, attributes, size));
        return List.copyOf(all);
    }

    private void addNamed(List<ContractCheck> all, String suffix, Terms terms) {
        List<ContractCheck> checks = new ArrayList<>();
        checks.addAll(ReceiveChecks.of(terms));
        checks.addAll(SendChecks.of(terms));
        checks.addAll(TransferChecks.of(terms, twoWay));
        if (twoWay) {
            checks.addAll(TwoWayChecks.of(terms));
        }
        checks.forEach(check -> all.add(new ContractCheck(check.name() + suffix, check.body())));
    }
}

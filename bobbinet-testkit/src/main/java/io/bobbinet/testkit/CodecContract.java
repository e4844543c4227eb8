package io.bobbinet.testkit;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.MalformedPacketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What codecs promise, as checks that run: all that {@link Codec} and, for those that are, {@link io.bobbinet.packet.FramedCodec}
 * say. For tests of the library's codecs and of your own:
 *
 * {@snippet :
 * @TestFactory
 * Stream<DynamicTest> contract() {
 *     return CodecContract.of(Lines.utf8(), random -> "line " + random.nextInt())
 *             .limiting(Lines.utf8()::withLimit, "x"::repeat)
 *             .refusing("\u00ff\n".getBytes(ISO_8859_1))
 *             .checks()
 *             .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
 * }
 * }
 *
 * <p>Packets come back as they were sent, in whatever pieces their bytes come, and whatever deadlines pass meanwhile; one codec
 * serves many connections and threads; bytes that were damaged on their way, at random, lead to malformed packets and to nothing else; limits
 * are exact; after a malformed packet the next one is received, and no part of a packet that is too long is taken for one.
 *
 * <p>Checks need no test framework and no order, and may run at the same time. What is random depends on the seed alone, which is
 * part of what a failed check says.
 *
 * <p>Immutable.
 *
 * @param <T> the type of the packets
 */
public final class CodecContract<T> {
    private static final int[] LIMITS = {1, 2, 10, 100};
    private static final int MUTATIONS = 100_000;

    private final CodecTerms<T> terms;
    private final @Nullable CodecLimits<T> limits;
    private final List<byte[]> malformed;
    private final int mutations;
    private final boolean mayGiveUp;

    private CodecContract(
            CodecTerms<T> terms,
            @Nullable CodecLimits<T> limits,
            List<byte[]> malformed,
            int mutations,
            boolean mayGiveUp) {
        this.terms = terms;
        this.limits = limits;
        this.malformed = malformed;
        this.mutations = mutations;
        this.mayGiveUp = mayGiveUp;
    }

    /**
     * Makes the contract for a codec.
     *
     * @param <T> the type of the packets
     * @param codec the codec
     * @param packets makes packets that the codec sends, of some hundred bytes at most
     * @return the contract; packets are the same if they are equal
     */
    public static <T> CodecContract<T> of(Codec<T> codec, Function<? super Random, ? extends T> packets) {
        Objects.requireNonNull(codec, "codec");
        Objects.requireNonNull(packets, "packets");
        return new CodecContract<>(
                new CodecTerms<>(codec, packets, Object::equals, 20_250_916), null, List.of(), MUTATIONS, false);
    }

    /**
     * {@return the contract for packets that have no {@code equals}, arrays for instance}
     *
     * @param same whether two packets are the same
     */
    public CodecContract<T> comparing(BiPredicate<? super T, ? super T> same) {
        Objects.requireNonNull(same, "same");
        return new CodecContract<>(
                new CodecTerms<>(terms.codec(), terms.packets(), same, terms.seed()),
                limits,
                malformed,
                mutations,
                mayGiveUp);
    }

    /**
     * {@return the contract with a limit that is exact}
     *
     * @param limited makes the codec with a limit
     * @param sized makes a packet that has a size, as the codec counts it
     */
    public CodecContract<T> limiting(IntFunction<? extends Codec<T>> limited, IntFunction<? extends T> sized) {
        return limiting(limited, sized, LIMITS);
    }

    /**
     * {@return the contract with a limit that is exact}
     *
     * @param limited makes the codec with a limit
     * @param sized makes a packet that has a size, as the codec counts it
     * @param sizes the limits to check; there must be packets of one byte less and more too
     */
    public CodecContract<T> limiting(
            IntFunction<? extends Codec<T>> limited, IntFunction<? extends T> sized, int... sizes) {
        Objects.requireNonNull(limited, "limited");
        Objects.requireNonNull(sized, "sized");
        return new CodecContract<>(
                terms, new CodecLimits<>(limited, sized, sizes.clone()), malformed, mutations, mayGiveUp);
    }

    /**
     * {@return the contract with bytes that are malformed packets, each just one} Of a framed codec, they are whole frames.
     *
     * @param packets the bytes
     */
    public CodecContract<T> refusing(byte[]... packets) {
        return new CodecContract<>(terms, limits, List.of(packets), mutations, mayGiveUp);
    }

    /**
     * {@return the contract for a codec that may give the stream up when bytes were damaged} That is, for one whose
     * {@link MalformedPacketException} may be {@linkplain MalformedPacketException#unrecoverable unrecoverable}: because a
     * length was damaged, for instance. After what is said to be {@linkplain #refusing refused}, and after what is too long, the
     * next packet has to come nevertheless. Of any other codec it has to after all damage.
     */
    public CodecContract<T> givingUp() {
        return new CodecContract<>(terms, limits, malformed, mutations, true);
    }

    /**
     * {@return the contract with another number of packets that are damaged}
     *
     * @param count how many; 100,000 if not said
     */
    public CodecContract<T> mutating(int count) {
        return new CodecContract<>(terms, limits, malformed, count, mayGiveUp);
    }

    /**
     * {@return the contract with another seed}
     *
     * @param seed what all that is random depends on
     */
    public CodecContract<T> seeded(long seed) {
        return new CodecContract<>(
                new CodecTerms<>(terms.codec(), terms.packets(), terms.same(), seed),
                limits,
                malformed,
                mutations,
                mayGiveUp);
    }

    /** {@return the checks} */
    public List<ContractCheck> checks() {
        List<ContractCheck> checks = new ArrayList<>(CodecChecks.of(terms));
        checks.addAll(CodecDamageChecks.of(terms, malformed, mutations, mayGiveUp));
        if (limits != null) {
            checks.addAll(CodecLimitChecks.of(terms, limits));
        }
        return List.copyOf(checks);
    }
}

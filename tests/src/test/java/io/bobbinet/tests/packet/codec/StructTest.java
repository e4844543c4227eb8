package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.codec.Struct;
import io.bobbinet.packet.codec.Struct.Size;
import io.bobbinet.testkit.CodecContract;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StructTest {
    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();

    private record All(
            byte tiny,
            short small,
            char letter,
            int number,
            long large,
            float real,
            double precise,
            boolean yes,
            @Size(16) String name) {

        static All random(Random random) {
            String name = CodecTesting.text(random);
            return new All(
                    (byte) random.nextInt(),
                    (short) random.nextInt(),
                    (char) random.nextInt(),
                    random.nextInt(),
                    random.nextLong(),
                    random.nextFloat(),
                    random.nextDouble(),
                    random.nextBoolean(),
                    name.length() > 4 ? "name" : name);
        }
    }

    private record Point(short x, short y) {
        Point {
            if (y < 0) {
                throw new IllegalArgumentException("below the ground");
            }
        }
    }

    private record Tagged(@Size(3) byte[] tag) {}

    private record Named(@Size(4) String name) {}

    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes);
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> keepsTheContract() {
        return tests(CodecContract.of(Struct.of(HERE, All.class), All::random));
    }

    @TestFactory
    Stream<DynamicTest> keepsTheContractInLittleEndian() {
        var struct = Struct.of(HERE, Point.class).withOrder(ByteOrder.LITTLE_ENDIAN);
        return tests(CodecContract.of(struct, random -> new Point((short) random.nextInt(), (short) random.nextInt(9)))
                .refusing(hex("0000ffff"))
                .mutating(20_000));
    }

    @Test
    void fieldsFollowOneAnotherInTheirOrderWithoutGaps() throws IOException {
        var struct = Struct.of(HERE, All.class);
        var packet = new All((byte) 1, (short) 2, 'a', 3, 4, 1.5f, -2, true, "na\u00efve");

        assertThat(struct.size()).isEqualTo(46);
        assertThat(encoded(struct, packet))
                .isEqualTo(hex("01" + "0002" + "0061" + "00000003" + "0000000000000004" + "3fc00000"
                        + "c000000000000000" + "01" + "6e61c3af766500000000000000000000"));
        assertThat(struct).hasToString("struct All");
    }

    @Test
    void orderOfBytesCanBeChosen() throws IOException {
        var point = new Point((short) 1, (short) 2);

        assertThat(encoded(Struct.of(HERE, Point.class), point)).isEqualTo(hex("00010002"));
        assertThat(encoded(Struct.of(HERE, Point.class).withOrder(ByteOrder.LITTLE_ENDIAN), point))
                .isEqualTo(hex("01000200"));
    }

    @Test
    void textIsPaddedWithNulsAndNeverCut() throws IOException {
        var struct = Struct.of(HERE, Named.class);

        assertThat(encoded(struct, new Named("ab"))).isEqualTo(hex("61620000"));
        assertThat(struct.decode(hex("61620000"))).isEqualTo(new Named("ab"));
        assertThat(struct.decode(hex("00620000"))).isEqualTo(new Named("\0b"));
        assertThat(struct.decode(hex("61626364"))).isEqualTo(new Named("abcd"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoded(struct, new Named("abcde")))
                .withMessageContaining("Named.name has 4 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> encoded(struct, new Named("abc\u00e9")));
        assertThatIllegalArgumentException().isThrownBy(() -> encoded(struct, new Named("a\0")));
    }

    @Test
    void textCanBeInAnotherCharset() throws IOException {
        var wide = Struct.of(HERE, Named.class).withCharset(UTF_16BE);

        assertThat(encoded(wide, new Named("\u20ac"))).isEqualTo(hex("20ac0000"));
        assertThat(wide.decode(hex("20ac0000"))).isEqualTo(new Named("\u20ac"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoded(Struct.of(HERE, Named.class).withCharset(US_ASCII), new Named("\u00e9")));
    }

    @Test
    void bytesThatAreNoTextAreMalformedAndTheNextIsReceived() throws IOException {
        try (var client = clientOf(Struct.of(HERE, Named.class), hex("ff000000" + "61000000"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("Named.name");
            assertThat(client.receive()).isEqualTo(new Named("a"));
        }
    }

    @Test
    void arrayHasExactlyItsSize() throws IOException {
        var struct = Struct.of(HERE, Tagged.class);

        assertThat(struct.decode(hex("010200")).tag()).isEqualTo(hex("010200"));
        assertThat(encoded(struct, new Tagged(hex("010200")))).isEqualTo(hex("010200"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoded(struct, new Tagged(hex("0102"))))
                .withMessageContaining("Tagged.tag has 3 bytes, not 2");
    }

    @Test
    void whatTheRecordRefusesIsMalformed() throws IOException {
        var struct = Struct.of(HERE, Point.class);

        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> struct.decode(hex("0000ffff")))
                .withMessage("struct Point: the record refuses its values: below the ground");
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> struct.decode(hex("000000")))
                .withMessage("struct Point: a packet of 3 bytes, not 4");
    }

    private record Nothing() {}

    private record Unsized(String name) {}

    private record Sized(@Size(4) int number) {}

    private record Odd(Object thing) {}

    private record Negative(@Size(-1) String name) {}

    @Test
    void recordsThatHaveNoFixedSizeAreRefusedWithAReason() {
        assertThatIllegalArgumentException().isThrownBy(() -> Struct.of(HERE, Nothing.class));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Struct.of(HERE, Unsized.class))
                .withMessage("Unsized.name needs a size of at least 1 byte: @Struct.Size(16), for instance");
        assertThatIllegalArgumentException().isThrownBy(() -> Struct.of(HERE, Negative.class));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Struct.of(HERE, Sized.class))
                .withMessageContaining("has its own size");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Struct.of(HERE, Odd.class))
                .withMessageContaining("primitives, String and byte[] are possible");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Struct.of(MethodHandles.publicLookup(), Point.class))
                .withMessageContaining("no access");
        record Three(@Size(3) String name) {}
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Struct.of(HERE, Three.class).withCharset(UTF_16BE))
                .withMessageContaining("padded");
    }

    @Test
    void missingValueIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoded(Struct.of(HERE, Tagged.class), new Tagged(nothing())))
                .withMessage("struct Tagged: tag is null");
    }

    @SuppressWarnings("NullAway") // what a careless caller does
    private static byte[] nothing() {
        return null;
    }
}

package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.msgpack.MessagePack;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.testkit.CodecContract;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.msgpack.value.ImmutableArrayValue;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

@Timeout(60)
class MessagePackTest {
    private static Value value(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> ValueFactory.newNil();
            case 1 -> ValueFactory.newBoolean(random.nextBoolean());
            case 2 -> ValueFactory.newInteger(random.nextLong() >> random.nextInt(Long.SIZE));
            case 3 -> ValueFactory.newInteger(new BigInteger(Long.SIZE, random));
            case 4 -> ValueFactory.newFloat(random.nextDouble());
            case 5 -> ValueFactory.newString(CodecTesting.text(random));
            case 6 -> ValueFactory.newBinary(CodecTesting.bytes(random, 300));
            case 7 -> ValueFactory.newExtension((byte) random.nextInt(128), CodecTesting.bytes(random, 20));
            case 8 -> ValueFactory.newArray(value(random), value(random));
            default -> ValueFactory.newMap(value(random), value(random));
        };
    }

    private static Value ofSize(int size) {
        return size < 2 ? ValueFactory.newInteger(7) : ValueFactory.newString("x".repeat(size - (size < 34 ? 1 : 2)));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> valuesKeepTheContract() {
        return tests(CodecContract.of(MessagePack.of(), MessagePackTest::value)
                .givingUp()
                .limiting(MessagePack.of()::withLimit, MessagePackTest::ofSize)
                .refusing(new byte[] {(byte) 0xa1, (byte) 0xff}, new byte[] {(byte) 0xd4, -1, 0}));
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    /** What the specification says of each format. */
    private static Map<String, Value> formats() {
        Map<String, Value> formats = new LinkedHashMap<>();
        formats.put("c0", ValueFactory.newNil());
        formats.put("c2", ValueFactory.newBoolean(false));
        formats.put("c3", ValueFactory.newBoolean(true));
        formats.put("7f", ValueFactory.newInteger(127));
        formats.put("e0", ValueFactory.newInteger(-32));
        formats.put("cc80", ValueFactory.newInteger(128));
        formats.put("ccff", ValueFactory.newInteger(255));
        formats.put("cd0100", ValueFactory.newInteger(256));
        formats.put("ce00010000", ValueFactory.newInteger(65_536));
        formats.put("ceffffffff", ValueFactory.newInteger(4_294_967_295L));
        formats.put("cf0000000100000000", ValueFactory.newInteger(1L << 32));
        formats.put("cfffffffffffffffff", ValueFactory.newInteger(new BigInteger("18446744073709551615")));
        formats.put("d0df", ValueFactory.newInteger(-33));
        formats.put("d1ff7f", ValueFactory.newInteger(-129));
        formats.put("d2ffff7fff", ValueFactory.newInteger(-32_769));
        formats.put("d3ffffffff7fffffff", ValueFactory.newInteger(-2_147_483_649L));
        formats.put("cb3ff8000000000000", ValueFactory.newFloat(1.5));
        formats.put("a0", ValueFactory.newString(""));
        formats.put("bf" + "78".repeat(31), ValueFactory.newString("x".repeat(31)));
        formats.put("d920" + "78".repeat(32), ValueFactory.newString("x".repeat(32)));
        formats.put("da0100" + "78".repeat(256), ValueFactory.newString("x".repeat(256)));
        formats.put("c40101", ValueFactory.newBinary(new byte[] {1}));
        formats.put("c50100" + "00".repeat(256), ValueFactory.newBinary(new byte[256]));
        formats.put("9101", ValueFactory.newArray(ValueFactory.newInteger(1)));
        formats.put("dc0010" + "c0".repeat(16), array(16));
        formats.put("81a16101", ValueFactory.newMap(ValueFactory.newString("a"), ValueFactory.newInteger(1)));
        formats.put(
                "de0010" + "c0".repeat(32), ValueFactory.newMap(array(32).list().toArray(Value[]::new)));
        formats.put("d40501", extension(1));
        formats.put("d505" + "01".repeat(2), extension(2));
        formats.put("d605" + "01".repeat(4), extension(4));
        formats.put("d705" + "01".repeat(8), extension(8));
        formats.put("d805" + "01".repeat(16), extension(16));
        formats.put("c7ff05" + "01".repeat(255), extension(255));
        formats.put("c8010005" + "01".repeat(256), extension(256));
        formats.put("c70305010101", extension(3));
        formats.put("d6ff00000001", ValueFactory.newTimestamp(1, 0));
        formats.put("d7ff0000000400000001", ValueFactory.newTimestamp(1, 1));
        formats.put("c70cff00000001ffffffffffffffff", ValueFactory.newTimestamp(-1, 1));
        return formats;
    }

    private static ImmutableArrayValue array(int nils) {
        return ValueFactory.newArray(Collections.nCopies(nils, ValueFactory.newNil()));
    }

    private static Value extension(int size) {
        byte[] ones = new byte[size];
        Arrays.fill(ones, (byte) 1);
        return ValueFactory.newExtension((byte) 5, ones);
    }

    @Test
    @Tag("smoke")
    void valuesHaveTheFormatsOfTheSpecification() throws IOException {
        for (Map.Entry<String, Value> format : formats().entrySet()) {
            assertThat(HexFormat.of().formatHex(frame(MessagePack.of(), format.getValue())))
                    .isEqualTo(format.getKey());
            assertThat(MessagePack.of().decode(hex(format.getKey()))).isEqualTo(format.getValue());
        }
    }

    @Test
    void longFormsOfShortValuesAreReadToo() throws IOException {
        Map<String, Value> forms = Map.of(
                "cd0001", ValueFactory.newInteger(1),
                "cf0000000000000001", ValueFactory.newInteger(1),
                "d3ffffffffffffffff", ValueFactory.newInteger(-1),
                "ca3fc00000", ValueFactory.newFloat(1.5),
                "db0000000161", ValueFactory.newString("a"),
                "c60000000101", ValueFactory.newBinary(new byte[] {1}),
                "dd00000001c0", array(1),
                "df00000001c0c0", ValueFactory.newMap(ValueFactory.newNil(), ValueFactory.newNil()),
                "c9000000010501", extension(1),
                "c800010501", extension(1));
        for (Map.Entry<String, Value> form : forms.entrySet()) {
            assertThat(MessagePack.of().decode(hex(form.getKey()))).isEqualTo(form.getValue());
        }
    }

    @Test
    void datagramIsOneValueAndNothingElse() {
        for (String bytes : List.of("", "cd00", "92c0", "a2c3", "d9", "c704ff")) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(() -> MessagePack.of().decode(hex(bytes)))
                    .withMessageContaining("longer than its " + bytes.length() / 2 + " bytes");
        }
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> MessagePack.of().decode(hex("c0c0c0")))
                .withMessage("MessagePack: 2 bytes of 3 are left behind the value");
    }

    @Test
    void malformedValueIsFollowedByTheNext() throws IOException {
        String[] bad = {
            "a1ff",
            "92a2c328c0",
            "d4ff00",
            "c70cff3b9aca000000000000000000",
            "c70cff000000007fffffffffffffff",
            "91".repeat(501) + "c0"
        };
        for (String bytes : bad) {
            try (var client = clientOf(MessagePack.of(), hex(bytes + "07"))) {
                assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
                assertThat(client.receive()).isEqualTo(ValueFactory.newInteger(7));
            }
        }
    }

    @Test
    void byteThatIsNeverUsedEndsTheStream() throws IOException {
        try (var client = clientOf(MessagePack.of(), hex("9201c10707"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("MessagePack: 0xc1 begins no value")
                    .satisfies(e -> assertThat(e.isRecoverable()).isFalse());
            assertThatExceptionOfType(BrokenResourceException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void valueThatIsTooLongIsDiscardedToItsEndAndToldOnce() throws IOException {
        byte[] large = frame(
                MessagePack.of(),
                ValueFactory.newArray(ValueFactory.newBinary(new byte[50_000]), array(100), extension(100)));
        try (var client = clientOf(MessagePack.of().withLimit(100), hex("07"), large, hex("08"))) {
            assertThat(client.receive()).isEqualTo(ValueFactory.newInteger(7));
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("MessagePack: the value is longer than 100 bytes");
            assertThat(client.receive()).isEqualTo(ValueFactory.newInteger(8));
        }
    }

    @Test
    void lengthsThatAreClaimedTakeNoMemory() throws IOException {
        for (String bytes : List.of("ddffffffff", "dfffffffff", "dbffffffff", "c6ffffffff", "c9ffffffff05")) {
            try (var client = clientOf(MessagePack.of().withLimit(1 << 30), hex(bytes + "0001"))) {
                assertThatExceptionOfType(IncompleteReadException.class).isThrownBy(client::receive);
            }
        }
    }

    @Test
    void whatMessagePackDoesNotHaveIsRefused() {
        Value large = ValueFactory.newInteger(BigInteger.ONE.shiftLeft(64));
        Value small = ValueFactory.newInteger(BigInteger.valueOf(Long.MIN_VALUE).subtract(BigInteger.ONE));
        Value half = ValueFactory.newString("\ud83d");
        Value deep = ValueFactory.newNil();
        for (int i = 0; i < 501; i++) {
            deep = ValueFactory.newArray(deep);
        }
        for (Value value : List.of(large, small, half, deep)) {
            assertThatIllegalArgumentException().isThrownBy(() -> frame(MessagePack.of(), value));
        }
    }

    @Test
    void textOfBytesThatAreNoneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoded(MessagePack.of(), ValueFactory.newString(new byte[] {'a', -1})))
                .withMessage("MessagePack: a text is not UTF-8");
    }

    @Test
    void keysMayBeOfAnyKindAndComeTwice() throws IOException {
        Value value = MessagePack.of().decode(hex("839101c0c0c0c0c0"));

        assertThat(value.asMapValue().getKeyValueArray()).hasSize(6);
        assertThat(frame(MessagePack.of(), value)).isEqualTo(hex("839101c0c0c0c0c0"));
    }
}

package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.jackson.Cbor;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.testkit.CodecContract;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.cbor.CBORMapper;
import tools.jackson.dataformat.cbor.CBORWriteFeature;

@Timeout(60)
class CborTest {
    private static JsonNode ofSize(int size) {
        return size < 2
                ? JsonNodeFactory.instance.numberNode(7)
                : JsonNodeFactory.instance.stringNode("x".repeat(size - (size < 25 ? 1 : 2)));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> recordsKeepTheContract() {
        return tests(CodecContract.of(Cbor.of(JsonTest.Order.class), JsonTest.Order::of)
                .givingUp()
                .refusing(new byte[] {(byte) 0xf6}, new byte[] {1}, new byte[] {(byte) 0x81, 2}));
    }

    @TestFactory
    Stream<DynamicTest> treesKeepTheContract() {
        return tests(CodecContract.of(Cbor.of(), JsonTest::tree)
                .givingUp()
                .limiting(Cbor.of()::withLimit, CborTest::ofSize, 1, 2, 10, 100));
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static JsonNode tree(String json) {
        return JsonMapper.shared().readTree(json);
    }

    @Test
    @Tag("smoke")
    void itemsFollowEachOtherWithNothingBetween() throws IOException {
        try (var client = clientOf(Cbor.of(), hex("a16161018201020b63616263f6"))) {
            for (String json : List.of("{\"a\":1}", "[1,2]", "11", "\"abc\"", "null")) {
                assertThat(client.receive()).isEqualTo(tree(json));
            }
            assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void itemsAreSentInTheirShortForm() throws IOException {
        assertThat(frame(Cbor.of(), tree("{\"a\":[1,\"b\"]}"))).isEqualTo(hex("a1616182016162"));
        assertThat(frame(Cbor.of(Point.class), new Point(1, 1000))).isEqualTo(hex("bf61780161791903e8ff"));
    }

    record Point(int x, int y) {}

    /** Examples of RFC 8949, appendix A. */
    @Test
    void lengthsMayBeIndefinite() throws IOException {
        Map<String, String> items = Map.of(
                "9fff", "[]",
                "9f018202039f0405ffff", "[1,[2,3],[4,5]]",
                "bf61610161629f0203ffff", "{\"a\":1,\"b\":[2,3]}",
                "7f657374726561646d696e67ff", "\"streaming\"",
                "bf6346756ef563416d7421ff", "{\"Fun\":true,\"Amt\":-2}");
        for (Map.Entry<String, String> item : items.entrySet()) {
            try (var client = clientOf(Cbor.of(), hex(item.getKey() + "07"))) {
                assertThat(client.receive()).isEqualTo(tree(item.getValue()));
                assertThat(client.receive().asInt()).isEqualTo(7);
            }
        }
        try (var client = clientOf(Cbor.of(byte[].class), hex("5f42010243030405ff4107"))) {
            assertThat(client.receive()).isEqualTo(hex("0102030405"));
            assertThat(client.receive()).isEqualTo(hex("07"));
        }
    }

    @Test
    void tagsAndWhatJsonDoesNotHaveAreFramed() throws IOException {
        String[] items = {
            "c074323031332d30332d32315432303a30343a30305a",
            "c1fb41d452d9e2000000",
            "d74401020304",
            "d818456449455446",
            "d9d9f783010203",
            "c249010000000000000000",
            "f7",
            "f0",
            "f8ff",
            "f97e00",
            "fa7f800000",
            "c48221196ab3"
        };
        for (String item : items) {
            try (var client = clientOf(Cbor.of(), hex(item + "07"))) {
                assertThat(client.receive()).as(item).isNotNull();
                assertThat(client.receive().asInt()).as(item).isEqualTo(7);
            }
        }
    }

    /** Some of RFC 8949, appendix F. */
    @Test
    void whatIsNotWellFormedEndsTheStream() throws IOException {
        String[] items = {
            "1c",
            "3d",
            "5e",
            "7c",
            "9d",
            "be",
            "fc",
            "1f",
            "3f",
            "df",
            "ff",
            "81ff",
            "8200ff",
            "5f00ff",
            "5f6100ff",
            "7f4100ff",
            "5f5f4100ffff",
            "a1ff",
            "a2000000ff"
        };
        for (String item : items) {
            try (var client = clientOf(Cbor.of(), hex(item + "0707"))) {
                assertThatExceptionOfType(MalformedPacketException.class)
                        .as(item)
                        .isThrownBy(client::receive)
                        .satisfies(e -> assertThat(e.isRecoverable()).isFalse());
                assertThatExceptionOfType(BrokenResourceException.class).isThrownBy(client::receive);
            }
        }
    }

    @Test
    void wellFormedItemThatIsNotWantedIsFollowedByTheNext() throws IOException {
        try (var client =
                clientOf(Cbor.of(Point.class), hex("bf617801ff" + "8101" + "61ff" + "a1617805" + "bf01ff" + "a0"))) {
            assertThat(client.receive()).isEqualTo(new Point(1, 0));
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThat(client.receive()).isEqualTo(new Point(5, 0));
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThat(client.receive()).isEqualTo(new Point(0, 0));
        }
    }

    @Test
    void ofAKeyThatComesTwiceTheLastCounts() throws IOException {
        assertThat(Cbor.of().decode(hex("a2616101616102"))).isEqualTo(tree("{\"a\":2}"));
    }

    @Test
    void itemThatIsTooLongIsDiscardedToItsEndAndToldOnce() throws IOException {
        byte[] large = frame(Cbor.of(), tree("{\"a\":[1,2,\"" + "x".repeat(50_000) + "\"],\"b\":[[[3]]]}"));
        try (var client = clientOf(Cbor.of().withLimit(100), hex("07"), large, hex("08"))) {
            assertThat(client.receive().asInt()).isEqualTo(7);
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("CBOR: the item is longer than 100 bytes");
            assertThat(client.receive().asInt()).isEqualTo(8);
        }
    }

    @Test
    void lengthsThatAreClaimedTakeNoMemory() throws IOException {
        for (String item :
                List.of("9affffffff", "9b7fffffffffffffff", "baffffffff", "5affffffff", "5b00ffffffffffffff")) {
            try (var client = clientOf(Cbor.of().withLimit(1 << 30), hex(item + "000102"))) {
                assertThatExceptionOfType(IOException.class).isThrownBy(client::receive);
            }
        }
    }

    @Test
    void nestingIsLimited() throws IOException {
        try (var client = clientOf(Cbor.of(), hex("81".repeat(600) + "00" + "07" + "81".repeat(1000)))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .satisfies(e -> assertThat(e.isRecoverable()).isTrue());
            assertThat(client.receive().asInt()).isEqualTo(7);
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("1000 levels")
                    .satisfies(e -> assertThat(e.isRecoverable()).isFalse());
        }
    }

    @Test
    void mapperDecidesHowItemsAreWritten() throws IOException {
        CBORMapper wide = CBORMapper.builder()
                .disable(CBORWriteFeature.WRITE_MINIMAL_INTS)
                .build();

        assertThat(encoded(Cbor.of().withMapper(wide), tree("1"))).isEqualTo(hex("1a00000001"));
    }
}

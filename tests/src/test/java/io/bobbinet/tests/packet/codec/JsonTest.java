package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_32;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.bobbinet.jackson.Json;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.CodecContract;
import java.io.IOException;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

@Timeout(60)
class JsonTest {
    record Order(int number, String text, List<Double> prices, Map<String, Boolean> marks) {
        static Order of(Random random) {
            Map<String, Boolean> marks = new TreeMap<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                marks.put(CodecTesting.text(random), random.nextBoolean());
            }
            List<Double> prices = random.doubles(random.nextInt(4)).boxed().toList();
            return new Order(random.nextInt(), CodecTesting.text(random) + "\n\"\\", prices, marks);
        }
    }

    /** Any document: what begins and ends in all ways. */
    static JsonNode tree(Random random) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (random.nextInt(8)) {
            case 0 -> nodes.numberNode(random.nextInt());
            case 1 -> nodes.numberNode(random.nextDouble());
            case 2 -> nodes.booleanNode(random.nextBoolean());
            case 3 -> nodes.nullNode();
            case 4 -> nodes.arrayNode().add(tree(random)).add(tree(random));
            case 5, 6 -> {
                ObjectNode object = nodes.objectNode();
                object.set(CodecTesting.text(random) + "}\"", tree(random));
                yield object.set("[", tree(random));
            }
            default -> nodes.stringNode(CodecTesting.text(random) + "\\\"{[");
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    private static JsonNode ofSize(int size) {
        return size < 2
                ? JsonNodeFactory.instance.numberNode(7)
                : JsonNodeFactory.instance.stringNode("x".repeat(size - 2));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> linesOfRecordsKeepTheContract() {
        return tests(CodecContract.of(Json.lines(Order.class), Order::of)
                .refusing(
                        utf8("\n"),
                        utf8("{\"number\":1}}\n"),
                        utf8("{} {}\n"),
                        utf8("{\"number\":\"x\"}\n"),
                        utf8("null\n"),
                        utf8("[1]\n"),
                        new byte[] {'"', (byte) 0xff, '"', '\n'}));
    }

    @TestFactory
    Stream<DynamicTest> linesOfTreesKeepTheContract() {
        return tests(
                CodecContract.of(Json.lines(), JsonTest::tree).limiting(Json.lines()::withLimit, JsonTest::ofSize));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> documentsOfTreesKeepTheContract() {
        return tests(CodecContract.of(Json.documents(), JsonTest::tree)
                .limiting(Json.documents()::withLimit, JsonTest::ofSize)
                .refusing(utf8("[1}]"), utf8("{]}"), utf8("bad{\"a\":1}\n"), utf8("]\n"), utf8("\"\\x\"")));
    }

    @TestFactory
    Stream<DynamicTest> documentsOfListsKeepTheContract() {
        Json<List<Order>> lists = Json.documents(new TypeReference<List<Order>>() {});
        return tests(CodecContract.of(lists, random -> List.of(Order.of(random), Order.of(random)))
                .mutating(20_000));
    }

    // -- what is sent

    @Test
    @Tag("smoke")
    void documentsAreSentCompactAndWithAnEnd() throws IOException {
        JsonNode tree = JsonMapper.shared().readTree("{ \"a\" : [ 1, null ], \"\u00e9\" : \"\u20ac\" }");

        assertThat(frame(Json.lines(), tree)).isEqualTo(utf8("{\"a\":[1,null],\"\u00e9\":\"\u20ac\"}\n"));
        assertThat(frame(Json.documents(), tree)).isEqualTo(utf8("{\"a\":[1,null],\"\u00e9\":\"\u20ac\"}"));
        assertThat(encoded(Json.lines(), tree)).isEqualTo(utf8("{\"a\":[1,null],\"\u00e9\":\"\u20ac\"}"));
    }

    @Test
    void onlyDocumentsWithoutAnEndOfTheirOwnGetALineFeed() throws IOException {
        for (String own : List.of("{}", "[]", "\"\"", "\"12\"", "[12]")) {
            assertThat(frame(Json.documents(), tree(own))).isEqualTo(utf8(own));
        }
        for (String plain : List.of("12", "-1.5", "true", "false", "null")) {
            assertThat(frame(Json.documents(), tree(plain))).isEqualTo(utf8(plain + "\n"));
            assertThat(encoded(Json.documents(), tree(plain))).isEqualTo(utf8(plain));
        }
    }

    @Test
    void mapperThatIndentsDoesNotSplitLines() throws IOException {
        JsonMapper indenting =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

        assertThat(frame(Json.lines().withMapper(indenting), tree("{\"a\":1}"))).isEqualTo(utf8("{\"a\":1}\n"));
    }

    /** A document that Jackson passes on as it is. */
    record Raw(@JsonRawValue String raw) {}

    @Test
    void documentThatWouldBecomeSeveralLinesIsRefused() throws IOException {
        for (String raw : List.of("1\n", "[1,2,3,4,5,6,7,8\n]", "\n1", "[1234567,\n12345678]")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> frame(Json.lines(Raw.class), new Raw(raw)))
                    .withMessage("JSON lines of Raw: the document is not a single line");
            assertThat(frame(Json.documents(Raw.class), new Raw(raw))).isEqualTo(utf8("{\"raw\":" + raw + "}"));
        }
    }

    @Test
    void documentThatIsTooDeepIsRefused() {
        ArrayNode deep = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < 1000; i++) {
            deep = JsonNodeFactory.instance.arrayNode().add(deep);
        }
        JsonNode deepest = deep;

        assertThatIllegalArgumentException()
                .isThrownBy(() -> frame(Json.lines(), deepest))
                .withMessageContaining("500");
    }

    @Test
    void halfOfACharacterIsEscapedAndArrives() throws IOException {
        JsonNode half = JsonNodeFactory.instance.stringNode("\ud83d");

        assertThat(encoded(Json.lines(), half)).isEqualTo(utf8("\"\\uD83D\""));
        assertThat(Json.lines().decode(encoded(Json.lines(), half))).isEqualTo(half);
    }

    @Test
    void classThatCannotBeMappedIsAMistakeOfTheProgram() throws IOException {
        try (var client = clientOf(Json.lines(Unmappable.class), utf8("{\"a\":1}\n"))) {
            assertThatExceptionOfType(PacketProtocolException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("JSON lines of Unmappable")
                    .withCauseInstanceOf(InvalidDefinitionException.class);
            assertThatExceptionOfType(PacketProtocolException.class)
                    .isThrownBy(() -> client.send(new Unmappable(1, 2)))
                    .withMessageContaining("JSON lines of Unmappable");
        }
    }

    static final class Unmappable {
        private final int sum;

        Unmappable(int a, int b) {
            this.sum = a + b;
        }

        public int getSum() {
            throw new IllegalStateException("of " + sum);
        }
    }

    // -- lines

    @Test
    void spacesAndReturnsAroundADocumentDoNotMatter() throws IOException {
        try (var client = clientOf(Json.lines(), utf8("{}\r\n  1 \r\n\t[]\t\n"))) {
            assertThat(client.receive()).isEqualTo(tree("{}"));
            assertThat(client.receive()).isEqualTo(tree("1"));
            assertThat(client.receive()).isEqualTo(tree("[]"));
            assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void blankLineIsMalformedAndNotSkipped() throws IOException {
        for (Json<?> lines : List.of(Json.lines(), Json.lines(Order.class))) {
            try (var client = clientOf(lines, utf8("\n \r\n{}\n"))) {
                for (int i = 0; i < 2; i++) {
                    assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
                }
                assertThat(client.receive()).isNotNull();
            }
        }
    }

    @Test
    void lineOfTwoDocumentsIsOneMalformedPacket() throws IOException {
        try (var client = clientOf(Json.lines(), utf8("12 true\n{}{}\n7\n"))) {
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThat(client.receive()).isEqualTo(tree("7"));
        }
    }

    // -- documents

    @Test
    void whiteSpaceBetweenDocumentsDoesNotCount() throws IOException {
        String space = " \t\r\n".repeat(1000);
        String text = space + "[1]" + space + "{}\"a\"" + space + "7 8\n" + space;

        try (var client = clientOf(Json.documents().withLimit(3), utf8(text))) {
            for (String document : List.of("[1]", "{}", "\"a\"", "7", "8")) {
                assertThat(client.receive()).isEqualTo(tree(document));
            }
            assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void bracketsAndQuotesInStringsEndNothing() throws IOException {
        List<String> documents = List.of("{\"}\":\"{\"}", "[\"]\\\"]\"]", "\"\\\\\"", "\"{[\\\"}]\"", "[[\"[\"],[]]");

        try (var client = clientOf(Json.documents(), utf8(String.join("", documents)))) {
            for (String document : documents) {
                assertThat(client.receive()).isEqualTo(tree(document));
            }
        }
    }

    @Test
    void bracketsOfTheOtherKindAreLeftToTheMapper() throws IOException {
        try (var client = clientOf(Json.documents(), utf8("[1}]{\"a\":]}[2]"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .satisfies(e -> assertThat(e.consumed()).isEqualTo(4));
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .satisfies(e -> assertThat(e.consumed()).isEqualTo(7));
            assertThat(client.receive()).isEqualTo(tree("[2]"));
        }
    }

    @Test
    void whatBeginsNoDocumentIsOneMalformedPacketUpToWhiteSpace() throws IOException {
        byte[] odd = {(byte) 0xff, 0, '{', '\n'};
        try (var client = clientOf(Json.documents(), utf8("bad{\"a\":1}\n"), odd, utf8("]x\t1 nul true\n"))) {
            for (int consumed : new int[] {10, 3, 2}) {
                assertThatExceptionOfType(MalformedPacketException.class)
                        .isThrownBy(client::receive)
                        .satisfies(e -> assertThat(e.consumed()).isEqualTo(consumed));
            }
            assertThat(client.receive()).isEqualTo(tree("1"));
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThat(client.receive()).isEqualTo(tree("true"));
        }
    }

    @Test
    void numberAtTheEndOfTheStreamMayHaveBeenCut() throws IOException {
        try (var client = clientOf(Json.documents(), utf8("[1]12"))) {
            assertThat(client.receive()).isEqualTo(tree("[1]"));
            assertThatExceptionOfType(IncompleteReadException.class).isThrownBy(client::receive);
        }
        assertThat(Json.documents().decode(utf8("12"))).isEqualTo(tree("12"));
    }

    @Test
    void documentThatIsTooLongIsDiscardedToItsEndAndToldOnce() throws IOException {
        String large = "{\"a\":[" + "\"]}\\\"\",".repeat(10_000) + "1]}";
        byte[] bytes = utf8("[1]" + large + "[2]");
        try (var client = clientOf(Json.documents().withLimit(100), bytes)) {
            assertThat(client.receive()).isEqualTo(tree("[1]"));
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("JSON documents: the document is longer than 100 bytes")
                    .satisfies(e -> assertThat(e.isRecoverable()).isTrue())
                    .satisfies(e -> assertThat(e.consumed()).isEqualTo(101));
            assertThat(client.receive()).isEqualTo(tree("[2]"));
        }
    }

    @Test
    void discardingGoesOnAfterDeadlines() throws IOException {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        var protocol = StreamProtocol.of(Json.documents().withLimit(4));
        try (var feeder = pair.left();
                var client = PacketClient.over(pair.right(), protocol)) {
            feeder.send(utf8("[1,\"a\\"));
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(() -> client.receive(Duration.ZERO));
            for (String part : List.of("\"", "]", "\\", "\\", "\"", ",[],")) {
                assertThatExceptionOfType(TimedOutException.class).isThrownBy(() -> client.receive(Duration.ZERO));
                feeder.send(utf8(part));
            }
            feeder.send(utf8("2]\"b\""));
            assertThat(client.receive()).isEqualTo(tree("\"b\""));
        }
    }

    // -- what is received

    @Test
    void ofANameThatComesTwiceTheLastCountsAndUnknownOnesAreIgnored() throws IOException {
        assertThat(Json.lines().decode(utf8("{\"a\":1,\"a\":2}"))).isEqualTo(tree("{\"a\":2}"));
        assertThat(Json.lines(Point.class).decode(utf8("{\"x\":1,\"x\":2,\"z\":3}")))
                .isEqualTo(new Point(2, 0));
    }

    record Point(int x, int y) {
        Point {
            if (x < 0) {
                throw new IllegalArgumentException("x is negative");
            }
        }
    }

    @Test
    void whatTheConstructorRefusesIsMalformed() throws IOException {
        try (var client = clientOf(Json.lines(Point.class), utf8("{\"x\":-1}\n{\"x\":1}\n"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("x is negative");
            assertThat(client.receive()).isEqualTo(new Point(1, 0));
        }
    }

    @Test
    void mapperDecidesWhatIsAllowed() throws IOException {
        JsonMapper strict = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .build();
        Json<JsonNode> trees = Json.lines().withMapper(strict);

        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> trees.decode(utf8("{\"a\":1,\"a\":2}")));
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> Json.lines(Point.class).withMapper(strict).decode(utf8("{\"z\":3}")));
        assertThat(trees.decode(utf8("NaN")).asDouble()).isNaN();
        assertThat(encoded(trees, JsonNodeFactory.instance.numberNode(Double.POSITIVE_INFINITY)))
                .isEqualTo(utf8("Infinity"));
        assertThat(encoded(trees, JsonNodeFactory.instance.stringNode("\u00e9")))
                .isEqualTo(utf8("\"\\u00E9\""));
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> Json.lines().decode(utf8("NaN")));
    }

    @Test
    void malformedUtf8IsNoDocument() throws IOException {
        for (String hex : List.of("c080", "e08080", "f0808080", "c1bf", "eda080", "f4908080", "80", "e282", "ff")) {
            byte[] bad = HexFormat.of().parseHex("22" + hex + "22");
            assertThatExceptionOfType(MalformedPacketException.class)
                    .as(hex)
                    .isThrownBy(() -> Json.documents().decode(bad));
        }
        String text = "\u00e9\u20ac\ud83d\ude00".repeat(2000);
        assertThat(Json.documents().decode(utf8('"' + text + '"')).stringValue())
                .isEqualTo(text);
    }

    @Test
    void limitOfALineDoesNotCountTheReturnBeforeItsEnd() throws IOException {
        Json<JsonNode> lines = Json.lines().withLimit(3);
        try (var client = clientOf(lines, utf8("123\r\n123\n1234\n1234\r\n12345\r\n9\n"))) {
            for (int i = 0; i < 2; i++) {
                assertThat(client.receive()).isEqualTo(tree("123"));
            }
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            }
            assertThat(client.receive()).isEqualTo(tree("9"));
        }
    }

    @Test
    void documentsAreInUtf8AndInNothingElse() throws IOException {
        byte[] text = {'[', '"', (byte) 0xe9, '"', ']', '\n'};
        try (var client = clientOf(Json.lines(), text, utf8("1\n"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("UTF-8");
            assertThat(client.receive()).isEqualTo(tree("1"));
        }
        for (Charset other : List.of(UTF_16BE, UTF_16LE, UTF_16, UTF_32)) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(() -> Json.lines().decode("{\"a\":1}".getBytes(other)))
                    .withMessage("JSON lines: the document is not in UTF-8");
        }
    }

    @Test
    void malformedPacketSaysWhatIsWrongAndWhere() throws IOException {
        try (var client = clientOf(Json.lines(Order.class), utf8("{\"number\":\n"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageStartingWith("JSON lines of Order: ")
                    .withMessageContaining("end-of-input")
                    .satisfies(e -> assertThat(e.consumed()).isEqualTo(11))
                    .havingCause()
                    .isInstanceOfSatisfying(
                            JacksonException.class,
                            e -> assertThat(e.getLocation().getColumnNr()).isPositive());
        }
    }

    @Test
    void nestingIsLimited() throws IOException {
        String deep = "[".repeat(501) + "]".repeat(501);
        try (var client = clientOf(Json.documents(), utf8(deep + "1\n"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("500");
            assertThat(client.receive()).isEqualTo(tree("1"));
        }
    }

    @Test
    void nullIsATreeButNoObject() throws IOException {
        assertThat(Json.lines().decode(utf8("null"))).isEqualTo(JsonNodeFactory.instance.nullNode());
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> Json.lines(Point.class).decode(utf8("null")))
                .withMessage("JSON lines of Point: the document is null");
    }

    private static JsonNode tree(String text) {
        return JsonMapper.shared().readTree(text);
    }
}

package io.bobbinet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.msgpack.MessagePack;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command prints of MessagePack; the rest of it is in {@link PacketCommandTest}. */
@Timeout(30)
class MessagePackTreeTest {
    private static String shown(String hex) throws Exception {
        return MessagePackTree.of(MessagePack.of().decode(HexFormat.of().parseHex(hex)))
                .toString();
    }

    /** Escaped once a level, the quotation marks of 60 bytes would fill any memory. */
    @ParameterizedTest
    @ValueSource(strings = {"81", "9181"})
    void mapsInKeysOfMapsDoNotGrow(String level) throws Exception {
        assertThat(shown(level.repeat(30) + "a161" + "c0".repeat(30))).hasSizeLessThan(2_000);
    }

    @Test
    void keysThatAreNoTextAreShownAsText() throws Exception {
        assertThat(shown("8301c08101a161c092a16101c0"))
                .isEqualTo("{\"1\":null,\"{1:\\\"a\\\"}\":null,\"[\\\"a\\\",1]\":null}");
    }

    @ParameterizedTest
    @CsvSource({"cb7ff8000000000000, NaN", "ca7f800000, Infinity", "caff800000, -Infinity"})
    void numbersThatJsonDoesNotHaveAreTexts(String hex, String text) throws Exception {
        assertThat(shown(hex)).isEqualTo('"' + text + '"');
    }
}

package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.TextStream;
import java.io.IOException;

/** Text streams. */
public final class TextExamples {
    private TextExamples() {}

    /** Greets everyone who says a name. */
    public static void lines(ByteStream client) throws IOException {
        // @start region="lines"
        try (var text = TextStream.over(client, UTF_8)) {
            text.forEachLine(1024, name -> text.sendLine("Hello, " + name));
        }
        // @end region="lines"
    }
}

package io.bobbinet.tests.packet;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.EndSearch;
import java.io.IOException;
import java.io.OutputStream;

/** Lines of text with blanks and line feeds between them, which are part of none. */
enum IndentedLines implements FramedCodec<String> {
    INDENTED_LINES;

    private static final EndSearch SPACE = (bytes, from, to) -> {
        for (int i = from; i < to; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\n') {
                return i - from;
            }
        }
        return EndSearch.MORE;
    };

    @Override
    public void skipGap(BufferedReceiveStream stream) throws IOException {
        stream.skipTo(SPACE);
    }

    @Override
    public void encodeFrame(String packet, OutputStream target) throws IOException {
        Lines.utf8().encodeFrame(packet, target);
    }

    @Override
    public String decodeFrame(BufferedReceiveStream stream) throws IOException {
        return Lines.utf8().decodeFrame(stream);
    }
}

package io.bobbinet.tests.async;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;

/** Single characters of ASCII, of which the exclamation mark crashes it. */
final class CrashingCodec implements FramedCodec<Character> {
    static StreamProtocol<Character, Character> protocol() {
        return StreamProtocol.of(new CrashingCodec());
    }

    @Override
    public void encodeFrame(Character packet, OutputStream target) throws IOException {
        target.write(check(packet));
    }

    @Override
    public Character decodeFrame(BufferedReceiveStream stream) throws IOException {
        return check((char) stream.receiveExactly(1)[0]);
    }

    private static char check(char c) {
        if (c == '!') {
            throw new IllegalStateException("crashed");
        }
        return c;
    }
}

package io.bobbinet.tests.tls;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.Serving;
import java.io.IOException;

/** Accepts one stream, again and again. */
record OneConnection(ByteStream stream, Serving serving) implements Listener<ByteStream> {
    OneConnection(ByteStream stream) {
        this(stream, new Serving());
    }

    @Override
    public ByteStream accept() {
        return stream;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}

package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.text;

import io.bobbinet.stream.ByteStream;
import java.io.IOException;

/** What tests of serving have in common. */
final class ServeTesting {
    private ServeTesting() {}

    static void echo(ByteStream stream) throws IOException {
        stream.forEach(stream::send);
    }

    static void echoUnless(String word, ByteStream stream, Exception failure) throws Exception {
        byte[] received = stream.receive();
        if (text(received).equals(word)) {
            throw failure;
        }
        stream.send(received);
        echo(stream);
    }

    static String ask(ByteStream client, String question) throws IOException {
        client.send(bytes(question));
        return text(client.receive());
    }

    static IOException tooManyOpenFiles() {
        return new IOException("Too many open files");
    }
}

package io.bobbinet.tests.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.StreamPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Descriptors and streams for tests to pass and to pass them on. */
final class OpenFiles {
    private OpenFiles() {}

    /** A new file, open for reading. */
    static Descriptor file(Path folder, String content) throws IOException {
        return Descriptor.open(Files.writeString(Files.createTempFile(folder, "open", ""), content));
    }

    /** Several new files, open for reading. */
    static List<Descriptor> files(Path folder, String... contents) throws IOException {
        List<Descriptor> files = new ArrayList<>();
        for (String content : contents) {
            files.add(file(folder, content));
        }
        return files;
    }

    /** Reads what is in a file from its position on, and closes it. */
    static String read(Descriptor file) throws IOException {
        try (var in = file.asInputStream()) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    static List<String> read(List<Descriptor> files) throws IOException {
        List<String> contents = new ArrayList<>();
        for (Descriptor file : files) {
            contents.add(read(file));
        }
        return contents;
    }

    static void close(List<Descriptor> descriptors) throws IOException {
        for (Descriptor descriptor : descriptors) {
            descriptor.close();
        }
    }

    static StreamPair<UnixDescriptorStream> pair() throws IOException {
        StreamPair<UnixStream> plain = Unix.pair();
        return new StreamPair<>(plain.left().withDescriptors(), plain.right().withDescriptors());
    }

    /** How many descriptors this process has open; the look itself needs one. */
    static long count() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count() - 1;
        }
    }
}

package io.bobbinet.tests.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A program whose standard input and output are too much to be kept in memory. */
final class PipedPeer implements AutoCloseable {
    private final Process process;
    private final Path errors;

    private PipedPeer(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    static PipedPeer start(Path folder, List<String> command) throws IOException {
        Path errors = folder.resolve("errors");
        return new PipedPeer(
                new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
    }

    InputStream output() {
        return process.getInputStream();
    }

    OutputStream input() {
        return process.getOutputStream();
    }

    /** The next line of the output that begins like that; not a byte behind it is taken. */
    String awaitLine(String beginning) throws IOException {
        String line = readLine();
        while (!line.startsWith(beginning)) {
            line = readLine();
        }
        return line;
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = output().read(); c != '\n'; c = output().read()) {
            if (c < 0) {
                throw new AssertionError("No line of output: " + Files.readString(errors));
            }
            line.append((char) c);
        }
        return line.toString();
    }

    /** Kills it; whoever reads or writes meets an end. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        output().close();
        try {
            input().close();
        } catch (IOException e) {
            // What it has not read is of no interest.
        }
    }
}

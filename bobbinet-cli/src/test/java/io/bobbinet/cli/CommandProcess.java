package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The command as a process of its own, or another program that it talks to. */
final class CommandProcess implements AutoCloseable {
    private static final String NATIVE_ACCESS = "--enable-native-access=io.bobbinet.linux";

    private final Process process;
    private final BufferedReader out;
    private final CompletableFuture<String> err;

    private CommandProcess(ProcessBuilder builder, boolean readErr) throws IOException {
        process = builder.start();
        out = process.inputReader(UTF_8);
        err = readErr ? drain(process.getErrorStream()) : CompletableFuture.completedFuture("");
    }

    /** Starts the command on the classes that this test runs on. */
    static CommandProcess start(String... args) throws IOException {
        return new CommandProcess(new ProcessBuilder(commandLine(args)), true);
    }

    /** Starts the command with its standard error left to the test. */
    static CommandProcess startWithOpenError(String... args) throws IOException {
        return new CommandProcess(new ProcessBuilder(commandLine(args)), false);
    }

    /** Starts the command in a JVM that may not call native code. */
    static CommandProcess startWithoutNativeAccess(String... args) throws IOException {
        List<String> line = commandLine(args);
        line.remove(NATIVE_ACCESS);
        return new CommandProcess(new ProcessBuilder(line), true);
    }

    /** Starts the command where a process may have so many files open, and no more. */
    static CommandProcess startWithOpenFiles(int limit, String... args) throws IOException {
        List<String> line = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + limit + "; exec \"$@\"", "sh"));
        line.addAll(commandLine(args));
        return new CommandProcess(new ProcessBuilder(line), true);
    }

    /** Starts the command where SIGINT reaches it, even if this test was started in the background. */
    static CommandProcess startInForeground(String... args) throws IOException {
        PeerProgram.require("env");
        List<String> line = new ArrayList<>(List.of("env", "--default-signal=INT"));
        line.addAll(commandLine(args));
        return new CommandProcess(new ProcessBuilder(line), true);
    }

    /** Starts the command with a folder for its temporary files. */
    static CommandProcess startWithTemporary(Path folder, String... args) throws IOException {
        List<String> line = commandLine(args);
        line.add(1, "-Djava.io.tmpdir=" + folder);
        return new CommandProcess(new ProcessBuilder(line), true);
    }

    /** Starts another program. */
    static CommandProcess program(String... commandLine) throws IOException {
        return new CommandProcess(new ProcessBuilder(commandLine), true);
    }

    /** Starts another program with its standard error left to the test. */
    static CommandProcess programWithOpenError(String... commandLine) throws IOException {
        return new CommandProcess(new ProcessBuilder(commandLine), false);
    }

    private static List<String> commandLine(String... args) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                NATIVE_ACCESS,
                "--module-path",
                modulePath(),
                // What is no named module, as the launch script says.
                "--class-path",
                System.getProperty("java.class.path"),
                "--add-reads=io.bobbinet.cli=ALL-UNNAMED",
                "-m",
                "io.bobbinet.cli/" + Main.class.getName()));
        line.addAll(List.of(args));
        return line;
    }

    private static String modulePath() {
        String path = System.getProperty("jdk.module.path");
        assertThat(path).as("the tests run on the module path").isNotNull();
        assertThat(path.split(File.pathSeparator)).hasSizeGreaterThan(3);
        return path;
    }

    /** On a thread of its own, so that a full pipe stops nobody. */
    private static CompletableFuture<String> drain(InputStream stream) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (stream) {
                        return new String(stream.readAllBytes(), UTF_8);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofPlatform().daemon().start(task));
    }

    /** {@return what follows "listening" on the next line of standard output} */
    String awaitListening() throws IOException {
        String line = out.readLine();
        assertThat(line).as(() -> "standard error: " + err.join()).isNotNull().startsWith("listening ");
        return line.substring("listening ".length());
    }

    /** {@return the port at the end of that} */
    int awaitPort() throws IOException {
        return portOf(awaitListening());
    }

    static int portOf(String uri) {
        return Integer.parseInt(uri.substring(uri.lastIndexOf(':') + 1));
    }

    OutputStream in() {
        return process.getOutputStream();
    }

    /** Gives the process its whole standard input. */
    CommandProcess input(String text) throws IOException {
        try (OutputStream in = in()) {
            in.write(text.getBytes(UTF_8));
        }
        return this;
    }

    String readLine() throws IOException {
        return out.readLine();
    }

    /** {@return all that is left of standard output} */
    String readAll() throws IOException {
        return out.readAllAsString();
    }

    /** {@return standard output, if it is not read in another way} */
    InputStream rawOut() {
        return process.getInputStream();
    }

    BufferedReader errReader() {
        return process.errorReader(UTF_8);
    }

    /** Sends a signal. */
    CommandProcess signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
        return this;
    }

    int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("ended in time").isTrue();
        return process.exitValue();
    }

    /** {@return all of standard error; waits for the end of the process} */
    String err() {
        return err.join();
    }

    /** Asserts that the command fails with one line that has all these parts. */
    void assertFails(int status, String... parts) throws InterruptedException {
        assertThat(awaitExit()).as(() -> "status; standard error: " + err()).isEqualTo(status);
        assertThat(err().lines()).as(err()).hasSize(1);
        assertThat(err()).startsWith("bobbinet: ").contains(parts).doesNotContain("Exception");
    }

    /** Asserts that the command ends well and says nothing. */
    void assertEnds() throws InterruptedException {
        assertThat(awaitExit()).as(() -> "status; standard error: " + err()).isZero();
        assertThat(err()).isEmpty();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

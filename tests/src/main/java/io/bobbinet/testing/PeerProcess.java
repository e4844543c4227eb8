package io.bobbinet.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A peer program that runs while a test talks to it.
 *
 * {@snippet :
 * try (PeerProcess peer = PeerProcess.start(Peers.socat(), "-", "TCP:localhost:" + port)) {
 *     peer.writeLine("hello");                          // to its standard input
 *     assertThat(peer.readLine()).isEqualTo("echo: hello");
 *     peer.closeInput();
 *     assertThat(peer.awaitExit()).isZero();
 * }
 * }
 *
 * <p>Every wait is bounded; one that fails tells the command and all that it printed. {@link #close} kills the program if
 * it still runs and waits until it is gone. Both outputs are drained all the time, so the program never stalls on a full
 * pipe. For one test thread, except {@link #close}.
 */
public final class PeerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A child of the program may have inherited its outputs, and keep them open. */
    private static final Duration PATIENCE_AFTER_END = Duration.ofSeconds(2);

    private final List<String> command;
    private final Process process;
    private final Output output;
    private final Output errors;

    private PeerProcess(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.output = new Output(process.getInputStream());
        this.errors = new Output(process.getErrorStream());
    }

    /**
     * Starts a program.
     *
     * @param command its path, as from {@link Peers}, and its arguments
     * @return the program
     * @throws IOException if it cannot be started
     */
    public static PeerProcess start(String... command) throws IOException {
        return start(List.of(command), Map.of(), null);
    }

    /**
     * Starts a program.
     *
     * @param command its path, as from {@link Peers}, and its arguments
     * @param environment variables added to those of this process
     * @param folder where it runs; null for where we run
     * @return the program
     * @throws IOException if it cannot be started
     */
    public static PeerProcess start(List<String> command, Map<String, String> environment, @Nullable Path folder)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        if (folder != null) {
            builder.directory(folder.toFile());
        }
        return new PeerProcess(List.copyOf(command), builder.start());
    }

    /** {@return the process, for its number and for signals} */
    public Process process() {
        return process;
    }

    /**
     * Writes to the program's standard input.
     *
     * @param data what to write
     * @throws IOException if the program has closed it
     */
    public void write(byte[] data) throws IOException {
        process.getOutputStream().write(data);
        process.getOutputStream().flush();
    }

    /**
     * Writes a line to the program's standard input.
     *
     * @param line the line, without its end
     * @throws IOException if the program has closed it
     */
    public void writeLine(String line) throws IOException {
        write((line + "\n").getBytes(UTF_8));
    }

    /**
     * Ends the program's standard input.
     *
     * @throws IOException if it fails
     */
    public void closeInput() throws IOException {
        process.getOutputStream().close();
    }

    /**
     * {@return the next line of the program's standard output, without its end}
     *
     * @throws AssertionError if the output ends or no line comes in time
     */
    public String readLine() {
        return line(output);
    }

    /**
     * {@return the next line of the program's standard error, without its end}
     *
     * @throws AssertionError if the output ends or no line comes in time
     */
    public String readErrorLine() {
        return line(errors);
    }

    /**
     * Reads lines of the program's standard error, where most servers announce themselves, until one fits.
     *
     * @param wanted tells whether a line is the one
     * @return that line
     * @throws AssertionError if the output ends or no such line comes in time
     */
    public String awaitErrorLine(Predicate<String> wanted) {
        while (true) {
            String line = line(errors);
            if (wanted.test(line)) {
                return line;
            }
        }
    }

    /**
     * {@return the next bytes of the program's standard output}
     *
     * @param count how many
     * @throws AssertionError if the output ends before or they do not come in time
     */
    public byte[] read(int count) {
        byte[] data = output.take(count, PATIENCE);
        return data != null ? data : failed("No " + count + " bytes of output");
    }

    /**
     * {@return what the program still writes to its standard output, once it has ended it}
     *
     * @throws AssertionError if it does not end it in time
     */
    public byte[] readToEnd() {
        byte[] data = output.takeAll(PATIENCE);
        return data != null ? data : failed("No end of the output");
    }

    /**
     * Waits until the program has ended by itself.
     *
     * @return its exit status; 128 plus the signal if one ended it
     * @throws AssertionError if it does not end in time
     * @throws InterruptedException if the thread is interrupted
     */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
            return this.<Integer>failed("No end");
        }
        return process.exitValue();
    }

    /** Asks the program to end, by SIGTERM. */
    public void terminate() {
        // Not destroy() of the process, which also closes our ends of its outputs.
        process.toHandle().destroy();
    }

    /** Ends the program at once, by SIGKILL. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Kills the program and what it started, if they still run, and waits until its outputs are closed. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        kill();
        boolean interrupted = Thread.interrupted();
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The program is gone, and with it the data it did not read.
        }
        try {
            process.waitFor(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            output.close();
            errors.close();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private String line(Output from) {
        String line = from.takeLine(PATIENCE);
        return line != null ? line : this.<String>failed(from == output ? "No line of output" : "No line of errors");
    }

    private <T> T failed(String missing) {
        if (!process.isAlive()) {
            // Its last words may still be on their way.
            output.awaitEnd();
            errors.awaitEnd();
        }
        throw new AssertionError(missing + " from a peer\n" + this);
    }

    /** {@return the command, its state and all that it printed; for messages} */
    @Override
    public String toString() {
        String state = process.isAlive() ? "running" : "exit status " + process.exitValue();
        return String.join(" ", command) + " (" + state + ")\noutput:\n" + output + "\nerrors:\n" + errors;
    }

    /** Collects what a program prints. A thread of its own reads, so that a wait can be bounded. */
    private static final class Output {
        private static final int SHOWN = 10_000;

        private final InputStream in;
        private final Thread reader;

        /** Guarded by this: everything read, and how much of it was taken. */
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();

        private int taken;

        /** Guarded by this. */
        private boolean ended;

        Output(InputStream in) {
            this.in = in;
            // A platform thread: peers are often used where a test holds up all virtual ones on purpose.
            this.reader = Thread.ofPlatform().daemon().name("peer-output").start(this::drain);
        }

        private void drain() {
            byte[] chunk = new byte[8192];
            try {
                for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                    synchronized (this) {
                        read.write(chunk, 0, n);
                        notifyAll();
                    }
                }
            } catch (IOException e) {
                // Closed by us, or the process was killed: there is no more.
            } finally {
                synchronized (this) {
                    ended = true;
                    notifyAll();
                }
            }
        }

        synchronized byte @Nullable [] take(int count, Duration patience) {
            return await(() -> read.size() - taken >= count, patience) ? taken(count) : null;
        }

        synchronized void awaitEnd() {
            await(() -> ended, PATIENCE_AFTER_END);
        }

        synchronized byte @Nullable [] takeAll(Duration patience) {
            return await(() -> ended, patience) ? taken(read.size() - taken) : null;
        }

        synchronized @Nullable String takeLine(Duration patience) {
            if (!await(() -> lineLength() > 0, patience)) {
                return null;
            }
            String line = new String(taken(lineLength()), UTF_8);
            return line.substring(0, line.length() - (line.endsWith("\r\n") ? 2 : 1));
        }

        /** The length of the next line with its end; 0 if there is none yet. */
        private int lineLength() {
            byte[] all = read.toByteArray();
            for (int i = taken; i < all.length; i++) {
                if (all[i] == '\n') {
                    return i + 1 - taken;
                }
            }
            return 0;
        }

        private byte[] taken(int count) {
            byte[] data = Arrays.copyOfRange(read.toByteArray(), taken, taken + count);
            taken += count;
            return data;
        }

        /** Waits with the lock held; gives up when the output has ended too. */
        private boolean await(BooleanSupplier condition, Duration patience) {
            long start = System.nanoTime();
            while (!condition.getAsBoolean()) {
                long left = patience.toNanos() - (System.nanoTime() - start);
                if (ended || left <= 0) {
                    return false;
                }
                try {
                    wait(left / 1_000_000 + 1);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }

        void close() throws InterruptedException {
            reader.join(PATIENCE_AFTER_END);
            try {
                in.close();
            } catch (IOException e) {
                // It is being closed, that is all we want.
            }
            reader.join(PATIENCE);
        }

        @Override
        public synchronized String toString() {
            // Any byte is a character of this set.
            String all = read.toString(ISO_8859_1);
            return all.length() <= SHOWN ? all : "... " + all.substring(all.length() - SHOWN);
        }
    }
}

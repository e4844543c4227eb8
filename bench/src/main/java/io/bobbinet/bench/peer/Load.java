package io.bobbinet.bench.peer;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The load generator of {@code load.c}, which opens connections and drives them when told to. */
final class Load implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter commands;

    private Load(Process process) {
        this.process = process;
        this.answers = process.inputReader();
        this.commands = process.outputWriter();
    }

    /** Starts the program that the launch script has built, with arguments. */
    static Load start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Objects.requireNonNull(System.getProperty("io.bobbinet.bench.load")));
        command.addAll(List.of(arguments));
        return new Load(
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
    }

    /** Opens connections to a server and returns the number that stands for them. */
    int open(ServerProcess server, int connections) throws IOException {
        return Integer.parseInt(ask("open %d %d %d".formatted(server.port(), connections, server.pid()), "opened")[1]);
    }

    /** Drives connections for a time without counting, then for another that counts. */
    Sample run(int opened, Duration warm, Duration measured) throws IOException {
        String[] answer = ask("run %d %d %d".formatted(opened, warm.toMillis(), measured.toMillis()), "ran");
        double messages = Double.parseDouble(answer[1]);
        double seconds = Double.parseDouble(answer[2]) / 1e9;
        double cpu = Double.parseDouble(answer[3]) / 1e3;
        double user = Double.parseDouble(answer[4]);
        double ticks = user + Double.parseDouble(answer[5]);
        double userPart = ticks == 0 ? 0 : user / ticks;
        return new Sample(messages / seconds, cpu / messages * userPart, cpu / messages * (1 - userPart));
    }

    void close(int opened) throws IOException {
        ask("close " + opened, "closed");
    }

    private String[] ask(String command, String answer) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        String line = answers.readLine();
        if (line == null || !line.startsWith(answer)) {
            throw new IOException("The load generator did not answer to \"" + command + "\": " + line);
        }
        return line.split(" ");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

package io.bobbinet.bench.peer;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A contestant that runs; it ends with this process, whichever way that ends. */
final class ServerProcess implements AutoCloseable {
    private static final String GREETING = "listening ";

    private final Contestant contestant;
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter commands;
    private final int port;

    private ServerProcess(Contestant contestant, Process process, BufferedReader answers, int port) {
        this.contestant = contestant;
        this.process = process;
        this.answers = answers;
        this.commands = process.outputWriter();
        this.port = port;
    }

    static ServerProcess start(Contestant contestant, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
        command.addAll(contestant.options());
        command.add(contestant.mainClass().getName());
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        if (line == null || !line.startsWith(GREETING)) {
            process.destroyForcibly();
            throw new IOException("The server " + contestant.name() + " did not start: " + line);
        }
        return new ServerProcess(contestant, process, output, Integer.parseInt(line.substring(GREETING.length())));
    }

    Contestant contestant() {
        return contestant;
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** Has it do something, if it takes commands, and gives the words that follow the expected one. */
    String ask(String command, String expected) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        String line = answers.readLine();
        if (line == null || !line.startsWith(expected)) {
            throw new IOException("%s did not answer to \"%s\": %s".formatted(contestant.name(), command, line));
        }
        return line.substring(expected.length()).strip();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

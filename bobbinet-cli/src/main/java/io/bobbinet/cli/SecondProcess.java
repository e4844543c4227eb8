package io.bobbinet.cli;

import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program as a process of its own, started as this process was: the same Java, modules, options and backend. */
final class SecondProcess {
    private SecondProcess() {}

    /**
     * What a process did.
     *
     * @param pid its number
     * @param output what it printed
     */
    record Result(long pid, String output) {}

    /**
     * Runs a program to its end. A wait that is cancelled ends the process.
     *
     * @param program a class with a main method
     * @param folder for what it prints
     * @param argument what it is told
     * @throws IOException if it fails; the message is what it said of it
     */
    static Result run(Class<?> program, Path folder, String argument) throws IOException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        List<String> line = commandLine(program);
        line.add(argument);
        // To files: a read of a pipe could not be cancelled.
        Process process = new ProcessBuilder(line)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            process.getOutputStream().close();
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("The process of " + program.getSimpleName() + " ended with status " + status
                        + ": " + Complaints.oneLine(Files.readString(err).strip()));
            }
            return new Result(process.pid(), Files.readString(out));
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> commandLine(Class<?> program) {
        List<String> line = new ArrayList<>();
        line.add(ProcessHandle.current()
                .info()
                .command()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(SecondProcess::isForBoth)
                .forEach(line::add);
        line.add("-Dio.bobbinet.backend=" + Backends.current().name());
        Module module = program.getModule();
        if (module.isNamed()) {
            line.addAll(List.of("-m", module.getName() + "/" + program.getName()));
        } else {
            // That of a jar that was run comes from its manifest, and is not among the arguments.
            line.add("--enable-native-access=ALL-UNNAMED");
            line.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        }
        return line;
    }

    /** Not what names the program, and no agents: a debugger's would want the same port. */
    private static boolean isForBoth(String argument) {
        return !argument.startsWith("-Djdk.module.main")
                && !argument.startsWith("-agent")
                && !argument.startsWith("-javaagent");
    }
}

package io.bobbinet.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The programs that tests talk to: real peers, written by others.
 *
 * {@snippet :
 * try (PeerProcess peer = PeerProcess.start(Peers.socat(), "-", "TCP:localhost:" + port)) { ... }
 * }
 *
 * <p>A test that asks for a program that is not installed is skipped and says why; with
 * {@code -Dbobbinet.skips=forbidden} it fails instead.
 */
public final class Peers {
    private static final boolean SKIPS_FORBIDDEN =
            System.getProperty("bobbinet.skips", "allowed").equals("forbidden");

    /** Commands by what was asked for; looked for once. */
    private static final Map<String, Optional<String>> FOUND = new ConcurrentHashMap<>();

    private Peers() {}

    /** {@return the command of socat, or the test is skipped} */
    public static String socat() {
        return program("socat");
    }

    /** {@return the command of ncat, the one of nmap, or the test is skipped} */
    public static String ncat() {
        return program("ncat");
    }

    /** {@return the command of openssl, or the test is skipped} */
    public static String openssl() {
        return program("openssl");
    }

    /** {@return the folder of the newest PostgreSQL, with {@code initdb} and {@code postgres}, or the test is skipped} */
    public static Path postgresql() {
        return Path.of(require("a PostgreSQL server", Peers::findPostgresql));
    }

    /** {@return the first Python 3 that can import AnyIO, or the test is skipped} */
    public static String pythonWithAnyio() {
        return require("a Python 3 that can import anyio", () -> findPython("import anyio"));
    }

    /**
     * {@return the path of a program in one of the folders of PATH, or of those for servers, or the test is skipped}
     *
     * @param name the program's name
     */
    public static String program(String name) {
        return require("the program " + name, () -> onPath(name).findFirst());
    }

    /**
     * {@return what a search finds; if nothing, the calling test is skipped, or fails if skips are forbidden}
     *
     * @param what what is searched for, to say what is missing
     * @param search the search, done once in a JVM
     */
    static String require(String what, Supplier<Optional<String>> search) {
        return require(what, FOUND.computeIfAbsent(what, w -> search.get()).orElse(null), SKIPS_FORBIDDEN);
    }

    static String require(String what, @Nullable String found, boolean skipsForbidden) {
        if (found != null) {
            return found;
        }
        if (skipsForbidden) {
            throw new AssertionError("This test needs " + what + ", and skips are forbidden");
        }
        return Assumptions.abort("not installed: " + what);
    }

    /** In the folders of PATH, and in those of servers, which not every user has there. */
    private static Stream<String> onPath(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of((path + ":/usr/local/sbin:/usr/sbin:/sbin").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .distinct();
    }

    /** Debian has a folder for each version, none of which is in the path. */
    private static Optional<String> findPostgresql() {
        Stream<Path> inPath = onPath("initdb").map(program -> Path.of(program).getParent());
        return Stream.concat(debianPostgresqls(), inPath)
                .filter(bin -> Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("postgres")))
                .map(Path::toString)
                .findFirst();
    }

    private static Stream<Path> debianPostgresqls() {
        String[] versions = new File("/usr/lib/postgresql").list((folder, name) -> name.matches("[0-9]+"));
        return Stream.of(versions == null ? new String[0] : versions)
                .sorted(Comparator.comparing(Integer::valueOf, Comparator.reverseOrder()))
                .map(version -> Path.of("/usr/lib/postgresql", version, "bin"));
    }

    /** The distribution's own interpreter has its packages, whatever comes first in the path. */
    private static Optional<String> findPython(String program) {
        Stream<String> candidates = Stream.concat(onPath("python3"), Stream.of("/usr/bin/python3"));
        return candidates
                .filter(p -> Files.isExecutable(Path.of(p)))
                .distinct()
                .filter(python -> runs(python, program))
                .findFirst();
    }

    private static boolean runs(String python, String program) {
        try {
            Process process = new ProcessBuilder(List.of(python, "-c", program))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            boolean runs = process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
            process.destroyForcibly();
            return runs;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

package io.bobbinet.testing;

import io.bobbinet.task.Backends;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A program of ours as a process of its own, on the class path, with native access. */
public final class JavaProgram {
    private JavaProgram() {}

    /**
     * {@return the command that starts a program, for {@link PeerProcess#start}}
     *
     * @param main its main class
     * @param arguments its arguments
     */
    public static List<String> command(Class<?> main, String... arguments) {
        String path = Stream.concat(
                        Stream.of(main, Backends.class),
                        Stream.of(Backends.current().getClass()))
                .map(JavaProgram::place)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dio.bobbinet.backend=" + Backends.current().name(),
                "-cp",
                path,
                main.getName()));
        command.addAll(List.of(arguments));
        return List.copyOf(command);
    }

    /**
     * {@return the folder or jar that a class is from}
     *
     * @param type the class
     */
    public static String place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}

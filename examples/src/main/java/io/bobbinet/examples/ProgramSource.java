package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The sources of these programs, which their jar carries too. */
public final class ProgramSource {
    private ProgramSource() {}

    /**
     * {@return the source of a program of this module}
     *
     * @param program its class
     */
    public static String of(Class<?> program) {
        String name = program.getSimpleName() + ".java";
        try (InputStream source = program.getResourceAsStream(name)) {
            if (source == null) {
                throw new IllegalArgumentException("There is no source of " + program.getName());
            }
            return new String(source.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("The source of " + program.getName() + " cannot be read", e);
        }
    }
}

package io.bobbinet.testing;

import io.bobbinet.net.Activation;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program that a service manager starts, and that prints what was passed to it. */
public final class ActivationReport {
    private ActivationReport() {}

    /**
     * Takes what was passed, twice; then tells the service manager and gives it everything to keep.
     *
     * @param arguments none
     * @throws IOException if the service manager cannot be told
     */
    public static void main(String[] arguments) throws IOException {
        try (Activation activation = Activation.take()) {
            for (int i = 0; i < activation.names().size(); i++) {
                Descriptor descriptor = activation.descriptors().get(i);
                System.out.println(activation.names().get(i) + " is " + descriptor
                        + (isCloseOnExec(descriptor.number()) ? ", close-on-exec" : ""));
            }
            try (Activation second = Activation.take()) {
                System.out.println("the second is empty: " + second.isEmpty());
            }
            System.out.println("told: " + Supervisor.notify("FDSTORE=1\nFDNAME=kept", activation.descriptors()));
        } catch (IOException e) {
            System.out.println("failed: " + e.getMessage());
        }
        System.out.println("number 3 is open: " + Files.exists(Path.of("/proc/self/fd/3")));
    }

    private static boolean isCloseOnExec(int number) throws IOException {
        String flags = Files.readAllLines(Path.of("/proc/self/fdinfo/" + number)).stream()
                .filter(line -> line.startsWith("flags:"))
                .findFirst()
                .orElseThrow()
                .substring("flags:".length())
                .strip();
        return (Integer.parseInt(flags, 8) & 02000000) != 0;
    }
}

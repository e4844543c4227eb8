package io.bobbinet.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of the command. */
@Command(name = "bobbinet", mixinStandardHelpOptions = true, description = "Network tools on Bobbinet.")
public final class Main implements Runnable {
    private Main() {}

    /**
     * Runs the command and exits.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}

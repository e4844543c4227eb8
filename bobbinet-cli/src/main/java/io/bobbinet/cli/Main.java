package io.bobbinet.cli;

import io.bobbinet.task.Backends;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The entry point of the command: what holds for all subcommands. */
@Command(
        name = "bobbinet",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        description = "Talks to sockets of every kind, and shows what the library can do.",
        footer = {
            "",
            "Endpoints of streams are tcp://HOST:PORT, tls://HOST:PORT, unix:///PATH and unix:@NAME (an abstract name,"
                + " Linux only), those of datagrams udp://HOST:PORT, unixgram:///PATH and unixgram:@NAME (Linux only)."
                + " IPv6 addresses stand in brackets, an empty host listens on all addresses, and port 0 picks a free"
                + " one.",
            "Exit status: 0 done, 1 failed, 2 wrong usage."
        },
        subcommands = {
            TourCommand.class,
            EchoCommand.class,
            ConnectCommand.class,
            CallCommand.class,
            ListenCommand.class,
            RelayCommand.class,
            PassCommand.class,
            TakeCommand.class,
            CertCommand.class,
            BackendsCommand.class
        })
public final class Main implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
    private CommandSpec spec;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Which backend to use; 'bobbinet backends' lists them.")
    private Optional<String> backend = Optional.empty();

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Print the stack trace of a failure too.")
    private boolean debug;

    Main() {}

    /** {@return whether the command line names the backend} */
    boolean namesBackend() {
        return backend.isPresent();
    }

    /** {@return whether stack traces are wanted} */
    boolean isDebugged() {
        return debug;
    }

    /**
     * Runs the command and exits.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        int status = Complaints.FAILED;
        // What the library logs, which are warnings, looks like all else that is told; whichever logger there is.
        for (String logger : List.of("jdk.system.logger.format", "java.util.logging.SimpleFormatter.format")) {
            System.getProperties().putIfAbsent(logger, "bobbinet: %5$s%n");
        }
        try {
            status = run(args);
        } catch (Throwable t) {
            // An error, such as too little memory: the exit has to come whatever happens.
            Complaints.say("fatal: " + t);
        }
        ShutdownHook.exit(status);
    }

    /** {@return the exit status} */
    static int run(String[] args) {
        Main main = new Main();
        CommandLine commandLine = new CommandLine(main);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        Complaints complaints = new Complaints(main::isDebugged);
        commandLine.setParameterExceptionHandler(complaints);
        commandLine.setExecutionExceptionHandler(complaints);
        commandLine.setExecutionStrategy(main::execute);
        return commandLine.execute(args);
    }

    private int execute(ParseResult parsed) {
        if (backend.isEmpty() || CommandLine.printHelpIfRequested(parsed)) {
            return new CommandLine.RunLast().execute(parsed);
        }
        List<String> names =
                Backends.candidates().stream().map(Backends.Candidate::name).toList();
        if (!names.contains(backend.get())) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    "No backend is named '" + backend.get() + "'; there is " + String.join(", ", names));
        }
        int[] status = new int[1];
        Backends.using(backend.get(), () -> status[0] = new CommandLine.RunLast().execute(parsed));
        return status[0];
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    /** The version of the module, as its jar was given it. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Optional.ofNullable(Main.class.getModule().getDescriptor())
                    .flatMap(descriptor -> descriptor.rawVersion())
                    .orElse("(not packaged)");
            return new String[] {"bobbinet " + version, "Java " + Runtime.version()};
        }
    }
}

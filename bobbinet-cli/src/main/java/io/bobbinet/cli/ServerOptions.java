package io.bobbinet.cli;

import io.bobbinet.stream.ServeOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of commands that serve many clients. */
final class ServerOptions {

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
    private CommandSpec spec;

    private int maxConnections = Integer.MAX_VALUE;

    @Option(
            names = "--max-connections",
            paramLabel = "COUNT",
            description =
                    "How many connections are served at once at most, those of all endpoints together; further ones"
                            + " wait.")
    void maxConnections(int count) {
        if (count < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--max-connections: at least 1 connection must be allowed, not " + count);
        }
        maxConnections = count;
    }

    ServeOptions serveOptions() {
        return ServeOptions.defaults().withMaxConnections(maxConnections);
    }
}

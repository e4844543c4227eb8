package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.ServeOptions;
import java.util.List;
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
                            + " wait. Of a relay of datagrams: how many senders, 1000 if not said; a further one takes"
                            + " the place of the one that was quiet longest.")
    void maxConnections(int count) {
        if (count < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--max-connections: at least 1 connection must be allowed, not " + count);
        }
        maxConnections = count;
    }

    /** Complains if there is a limit and no endpoint that has connections. */
    void check(List<Endpoint> endpoints) {
        if (maxConnections != Integer.MAX_VALUE && endpoints.stream().allMatch(DatagramSockets::isDatagram)) {
            throw new UsageException("--max-connections is for endpoints that have connections, and there is none");
        }
    }

    /** {@return how many, or this many if nothing was said} */
    int maxConnectionsOr(int otherwise) {
        return maxConnections == Integer.MAX_VALUE ? otherwise : maxConnections;
    }

    ServeOptions serveOptions() {
        return ServeOptions.defaults().withMaxConnections(maxConnections);
    }
}

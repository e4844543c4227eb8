package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of those who connect over TLS: which server they mean. */
final class TlsClientSettings {

    @Option(
            names = "--server-name",
            paramLabel = "NAME",
            description =
                    "TLS: the name that the server is asked for and its certificate must have, in place of the host.")
    private Optional<String> serverName = Optional.empty();

    @Option(
            names = "--insecure",
            description = "TLS: take any server for the right one, whatever its certificate. For experiments only.")
    private boolean insecure;

    Optional<String> serverName() {
        return serverName;
    }

    boolean isInsecure() {
        return insecure;
    }

    /** Complains about options that are of no use for this server. */
    void check(Endpoint endpoint) {
        Optional<String> given = insecure ? Optional.of("--insecure") : serverName.map(_ -> "--server-name");
        if (given.isPresent() && !TlsSettings.isTls(endpoint)) {
            throw new UsageException(given.get() + " is for tls:// servers, and '" + endpoint + "' is none");
        }
    }
}

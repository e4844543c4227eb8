package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.tls.TlsClientAuth;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options of TLS, for both sides; what the authorities are for depends on the side. */
class TlsSettings {

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description =
                    "TLS: our certificate and what leads to its authority, in PEM; with the private key in the same"
                        + " file, or in that of --key. A server must have one; a client shows it to servers that ask.")
    private Optional<Path> cert = Optional.empty();

    @Option(names = "--key", paramLabel = "FILE", description = "TLS: the private key of --cert, in PEM.")
    private Optional<Path> key = Optional.empty();

    @Option(
            names = "--key-password-file",
            paramLabel = "FILE",
            description = "TLS: a file whose first line is the password of the private key.")
    private Optional<Path> keyPasswordFile = Optional.empty();

    @Option(
            names = "--alpn",
            paramLabel = "PROTOCOL",
            split = ",",
            description = "TLS: application protocols to negotiate, the best first: h2,http/1.1.")
    private List<String> alpn = List.of();

    @Option(
            names = "--lenient-eof",
            description = "TLS: take a connection that ends without TLS saying so for one that has ended.")
    private boolean lenientEof;

    private List<Path> authorities = List.of();

    /** The options of a server alone. */
    static final class OfServer extends TlsSettings {
        @Option(
                names = "--ca",
                paramLabel = "FILE",
                description = "TLS: certificates of authorities, in PEM: only clients with a certificate of theirs are"
                        + " served. May be given several times.")
        void ca(List<Path> files) {
            super.authorities = List.copyOf(files);
        }
    }

    /** The options of a client alone. */
    static final class OfClient extends TlsSettings {
        @Option(
                names = "--ca",
                paramLabel = "FILE",
                description =
                        "TLS: certificates of authorities, in PEM, that are trusted beside those that the platform"
                                + " trusts. May be given several times.")
        void ca(List<Path> files) {
            super.authorities = List.copyOf(files);
        }
    }

    /** The options of who may be both. */
    static final class OfRelay extends TlsSettings {
        @Option(
                names = "--ca",
                paramLabel = "FILE",
                description = "TLS: certificates of authorities, in PEM. If TO is tls://, they are trusted there beside"
                        + " those that the platform trusts, and FROM asks for no certificates. If only FROM is, just"
                        + " clients with a certificate of theirs are served. May be given several times.")
        void ca(List<Path> files) {
            super.authorities = List.copyOf(files);
        }
    }

    static boolean isTls(Endpoint endpoint) {
        return endpoint instanceof Endpoint.Tls;
    }

    /** Complains about options that are of no use to these endpoints, or without each other. */
    void check(List<Endpoint> endpoints) {
        Optional<String> given = given();
        if (given.isPresent() && endpoints.stream().noneMatch(TlsSettings::isTls)) {
            throw new UsageException(given.get() + " is for tls:// endpoints, and there is none");
        }
        if (cert.isEmpty() && (key.isPresent() || keyPasswordFile.isPresent())) {
            throw new UsageException((key.isPresent() ? "--key" : "--key-password-file")
                    + " is of no use without the certificate: give --cert too");
        }
    }

    /** {@return the name of an option that is given; empty if none is} */
    private Optional<String> given() {
        return Stream.of(
                        cert.map(_ -> "--cert"),
                        key.map(_ -> "--key"),
                        keyPasswordFile.map(_ -> "--key-password-file"),
                        authorities.isEmpty() ? Optional.<String>empty() : Optional.of("--ca"),
                        alpn.isEmpty() ? Optional.<String>empty() : Optional.of("--alpn"),
                        lenientEof ? Optional.of("--lenient-eof") : Optional.<String>empty())
                .flatMap(Optional::stream)
                .findFirst();
    }

    TlsSettings withoutIdentity() {
        TlsSettings copy = copy();
        copy.cert = Optional.empty();
        return copy;
    }

    TlsSettings withoutAuthorities() {
        TlsSettings copy = copy();
        copy.authorities = List.of();
        return copy;
    }

    private TlsSettings copy() {
        TlsSettings copy = new TlsSettings();
        copy.cert = cert;
        copy.key = key;
        copy.keyPasswordFile = keyPasswordFile;
        copy.authorities = authorities;
        copy.alpn = alpn;
        copy.lenientEof = lenientEof;
        return copy;
    }

    /**
     * {@return how a server of these endpoints speaks TLS; of no account if it does not}
     *
     * @throws IOException if a file is no good
     */
    TlsOptions forServer(List<Endpoint> endpoints, Optional<Duration> timeout) throws IOException {
        if (endpoints.stream().noneMatch(TlsSettings::isTls)) {
            return TlsOptions.defaults();
        }
        if (cert.isEmpty()) {
            throw new UsageException("A tls:// server needs a certificate and its private key: give --cert and --key;"
                    + " 'bobbinet cert' makes them for development");
        }
        TlsOptions options = common(timeout).withIdentity(identity(cert.get()));
        if (authorities.isEmpty()) {
            return options;
        }
        TlsTrust trust = TlsTrust.only(authorities.getFirst());
        for (Path file : authorities.subList(1, authorities.size())) {
            trust = trust.adding(file);
        }
        return options.withTrust(trust).withClientAuth(TlsClientAuth.NEED);
    }

    /**
     * {@return how a client of an endpoint speaks TLS; of no account if it does not}
     *
     * @throws IOException if a file is no good
     */
    TlsOptions forClient(Endpoint endpoint, TlsClientSettings server, Optional<Duration> timeout) throws IOException {
        if (!isTls(endpoint)) {
            return TlsOptions.defaults();
        }
        TlsOptions options = common(timeout);
        if (server.serverName().isPresent()) {
            options = named(options, server.serverName().get());
        }
        if (server.isInsecure()) {
            if (!authorities.isEmpty() || cert.isPresent()) {
                throw new UsageException("--insecure goes with neither --ca nor a client's --cert;"
                        + " --ca with the server's own certificate trusts that server");
            }
            Complaints.say("--insecure: nobody checks who the server is");
            return options.withContext(Credulity.context());
        }
        if (cert.isPresent()) {
            options = options.withIdentity(identity(cert.get()));
        }
        TlsTrust trust = TlsTrust.platform();
        for (Path file : authorities) {
            trust = trust.adding(file);
        }
        return authorities.isEmpty() ? options : options.withTrust(trust);
    }

    private static TlsOptions named(TlsOptions options, String name) {
        try {
            return options.withServerName(name);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--server-name: " + Complaints.describe(e));
        }
    }

    private TlsOptions common(Optional<Duration> timeout) {
        TlsOptions options = TlsOptions.defaults().withEnd(lenientEof ? TlsEnd.LENIENT : TlsEnd.STRICT);
        if (timeout.isPresent()) {
            options = options.withHandshakeTimeout(timeout.get());
        }
        try {
            return options.withAlpn(alpn.toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--alpn: " + Complaints.describe(e));
        }
    }

    private TlsIdentity identity(Path chain) throws IOException {
        Path keyFile = key.orElse(chain);
        if (keyPasswordFile.isEmpty()) {
            return TlsIdentity.ofPem(chain, keyFile);
        }
        // A password may be any text, but not have a line break: editors leave one at the end.
        String password =
                Files.readString(keyPasswordFile.get()).lines().findFirst().orElse("");
        return TlsIdentity.ofPem(chain, keyFile, password.toCharArray());
    }
}

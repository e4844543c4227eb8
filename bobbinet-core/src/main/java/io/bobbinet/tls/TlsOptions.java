package io.bobbinet.tls;

import io.bobbinet.net.Resolver;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;

/**
 * How TLS is spoken: who we are, whom we trust, what we offer. The same type for clients and servers; what concerns the other
 * side alone is ignored. Immutable; every {@code with} method gives new options. Options made from one another without a
 * change of identity, trust or client authentication share their sessions, so that a second connection to a server need not do
 * the whole handshake: keep them.
 *
 * {@snippet file="TlsExamples.java" region="options"}
 */
public final class TlsOptions {
    private static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(30);
    private static final TlsOptions DEFAULTS =
            new TlsOptions(TlsContext.DEFAULT, Offer.DEFAULT, TlsEnd.STRICT, DEFAULT_HANDSHAKE_TIMEOUT);

    private final TlsContext context;
    private final Offer offer;
    private final TlsEnd end;
    private final Duration handshakeTimeout;

    private TlsOptions(TlsContext context, Offer offer, TlsEnd end, Duration handshakeTimeout) {
        this.context = context;
        this.offer = offer;
        this.end = end;
        this.handshakeTimeout = handshakeTimeout;
    }

    /**
     * {@return the defaults} No identity, the platform's trust, the protocols and cipher suites that the JDK thinks good, no
     * ALPN, no client certificates, {@link TlsEnd#STRICT}, 30 s for a handshake.
     */
    public static TlsOptions defaults() {
        return DEFAULTS;
    }

    /**
     * {@return the same with an identity: what a server needs, and a client if the server asks for its certificate}
     *
     * @param identity the private key and its certificates
     * @throws IllegalArgumentException if there is an {@code SSLContext}
     */
    public TlsOptions withIdentity(TlsIdentity identity) {
        return with(context.with(Objects.requireNonNull(identity, "identity")));
    }

    /**
     * {@return the same with an identity for those clients of a server that ask for a name (SNI)} An exact name goes before one
     * with a wildcard. Clients that ask for none of the names, or for none at all, get the identity of {@link #withIdentity}; if
     * there is none, their handshake fails.
     *
     * @param serverName the name, {@code "example.org"}, or {@code "*.example.org"} for those of one label more
     * @param identity the private key and its certificates
     * @throws IllegalArgumentException if no name can look like that, or if there is an {@code SSLContext}
     */
    public TlsOptions withIdentityFor(String serverName, TlsIdentity identity) {
        boolean wild = serverName.startsWith("*.");
        String name;
        try {
            name = serverName(wild ? serverName.substring(2) : serverName).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "No client can ask for " + serverName
                            + ": a name is made of letters, digits and hyphens, with at most "
                            + "one * in the place of its first label",
                    e);
        }
        return with(context.with((wild ? "*." : "") + name, Objects.requireNonNull(identity, "identity")));
    }

    /**
     * {@return the same with another trust}
     *
     * @param trust whom to trust: for a client, which authorities of servers; for a server, which of clients
     * @throws IllegalArgumentException if there is an {@code SSLContext}
     */
    public TlsOptions withTrust(TlsTrust trust) {
        return with(context.with(Objects.requireNonNull(trust, "trust")));
    }

    /**
     * {@return the same with a context of any provider, in place of identity and trust} Names of servers are verified all the
     * same, but for one case: with the JDK's engines an {@link javax.net.ssl.X509ExtendedTrustManager} does as it likes. With
     * engines of others the name is verified once more after the handshake, and {@code sendEof} is not supported.
     *
     * @param sslContext the context, initialized
     * @throws IllegalArgumentException if there is an identity or a trust
     */
    public TlsOptions withContext(SSLContext sslContext) {
        return with(context.with(Objects.requireNonNull(sslContext, "sslContext")));
    }

    private TlsOptions with(TlsContext changed) {
        return new TlsOptions(changed, offer, end, handshakeTimeout);
    }

    /**
     * {@return the same with the name of the server that a client verifies, and asks for (SNI)} Goes before the host that is
     * connected to.
     *
     * @param name a host name, or an address, which is verified but not asked for; a name that is not ASCII is translated as
     *     {@link Resolver#toAscii} says
     * @throws IllegalArgumentException if no name can look like that
     */
    public TlsOptions withServerName(String name) {
        return with(offer.withServerName(serverName(name)));
    }

    /**
     * {@return the same with what a server asks of its clients}
     *
     * @param clientAuth whether it asks for a certificate
     */
    public TlsOptions withClientAuth(TlsClientAuth clientAuth) {
        Objects.requireNonNull(clientAuth, "clientAuth");
        // Sessions made without a certificate must not stand in for one.
        TlsContext sessions = clientAuth == offer.clientAuth() ? context : context.apart();
        return new TlsOptions(sessions, offer.withClientAuth(clientAuth), end, handshakeTimeout);
    }

    /**
     * {@return the same with application protocols to be negotiated (ALPN, RFC 7301)} The server takes the first of its own
     * that the client offers too; if there is none, the handshake fails. With a peer that does not negotiate there is no
     * protocol.
     *
     * @param protocols the names, such as {@code "h2"}, the best first; none for no negotiation
     * @throws IllegalArgumentException if a name is empty, longer than 255 characters, or not ASCII
     */
    public TlsOptions withAlpn(String... protocols) {
        for (String protocol : protocols) {
            if (protocol.isEmpty()
                    || protocol.length() > 255
                    || !protocol.chars().allMatch(c -> c < 0x80)) {
                throw new IllegalArgumentException(
                        "An ALPN protocol has 1 to 255 characters of ASCII, not '" + protocol + "'");
            }
        }
        return with(offer.withAlpn(protocols));
    }

    /**
     * {@return the same with versions of the protocol}
     *
     * @param protocols the standard names, such as {@code "TLSv1.3"}; none for the JDK's choice. Whether the provider knows
     *     them shows when the options are used, before anything is sent or opened
     */
    public TlsOptions withProtocols(String... protocols) {
        return with(offer.withProtocols(protocols));
    }

    /**
     * {@return the same with cipher suites}
     *
     * @param suites the standard names, such as {@code "TLS_AES_128_GCM_SHA256"}, the best first; none for the JDK's choice.
     *     Whether the provider knows them shows when the options are used, before anything is sent or opened
     */
    public TlsOptions withCipherSuites(String... suites) {
        return with(offer.withCipherSuites(suites));
    }

    private TlsOptions with(Offer changed) {
        return new TlsOptions(context, changed, end, handshakeTimeout);
    }

    /**
     * {@return the same with another reading of an end without close_notify}
     *
     * @param reading what it is taken for
     */
    public TlsOptions withEnd(TlsEnd reading) {
        return new TlsOptions(context, offer, Objects.requireNonNull(reading, "reading"), handshakeTimeout);
    }

    /**
     * {@return the same with another time limit for a handshake}
     *
     * @param limit the limit; 30 s unless told otherwise
     * @throws IllegalArgumentException if it is zero or negative
     */
    public TlsOptions withHandshakeTimeout(Duration limit) {
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException("A time limit must be positive: " + limit);
        }
        return new TlsOptions(context, offer, end, limit);
    }

    TlsContext context() {
        return context;
    }

    Offer offer() {
        return offer;
    }

    TlsEnd end() {
        return end;
    }

    Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /** The name as certificates and SNI have it: no brackets, no scope, no dot at the end. */
    static String serverName(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        if (bare.indexOf(':') >= 0) {
            int scope = bare.indexOf('%');
            String address = scope < 0 ? bare : bare.substring(0, scope);
            InetAddress.ofLiteral(address); // or it throws
            return address;
        }
        try {
            String ascii = Resolver.toAscii(bare);
            String name = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
            return new SNIHostName(name).getAsciiName();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("Not the name of a server: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "No certificate can be verified for " + bare + ": names are made of letters, digits and hyphens",
                    e);
        }
    }
}

package io.bobbinet.tls;

import java.util.List;
import javax.net.ssl.SSLParameters;

/**
 * What a handshake proposes or asks for.
 *
 * @param serverName the name that a client verifies; empty if the options name none
 */
record Offer(
        String serverName, TlsClientAuth clientAuth, List<String> alpn, List<String> protocols, List<String> suites) {
    static final Offer DEFAULT = new Offer("", TlsClientAuth.NONE, List.of(), List.of(), List.of());

    Offer withServerName(String name) {
        return new Offer(name, clientAuth, alpn, protocols, suites);
    }

    Offer withClientAuth(TlsClientAuth changed) {
        return new Offer(serverName, changed, alpn, protocols, suites);
    }

    Offer withAlpn(String... changed) {
        return new Offer(serverName, clientAuth, List.of(changed), protocols, suites);
    }

    Offer withProtocols(String... changed) {
        return new Offer(serverName, clientAuth, alpn, List.of(changed), suites);
    }

    Offer withCipherSuites(String... changed) {
        return new Offer(serverName, clientAuth, alpn, protocols, List.of(changed));
    }

    /** Writes down what concerns both sides. */
    void applyTo(SSLParameters parameters) {
        parameters.setApplicationProtocols(alpn.toArray(String[]::new));
        if (!protocols.isEmpty()) {
            parameters.setProtocols(protocols.toArray(String[]::new));
        }
        if (!suites.isEmpty()) {
            parameters.setCipherSuites(suites.toArray(String[]::new));
        }
    }
}

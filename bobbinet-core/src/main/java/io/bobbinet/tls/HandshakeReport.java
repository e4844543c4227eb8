package io.bobbinet.tls;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;

/** What to tell of a handshake that failed: the engine's reason, and the way out where there is a usual one. */
final class HandshakeReport {
    /** By what the reason contains. */
    private static final List<Map.Entry<String, String>> WAYS_OUT = List.of(
            Map.entry("No subject alternative", "TlsOptions.withServerName names another server to verify"),
            Map.entry("No name matching", "TlsOptions.withServerName names another server to verify"),
            Map.entry("is not for ", "TlsOptions.withServerName names another server to verify"),
            Map.entry("plaintext connection", "the peer does not speak TLS"),
            Map.entry("handshake message: client_hello", "the peer is a client of TLS too, or an echo"),
            Map.entry("Empty client certificate chain", "the peer has no certificate of the authorities trusted here"),
            Map.entry("certificate_required", "TlsOptions.withIdentity is what the peer asks for"),
            Map.entry(
                    "No available authentication scheme",
                    "TlsOptions.withIdentity or withIdentityFor must have one for the name that the client asks for"),
            Map.entry("application layer protocol", "TlsOptions.withAlpn says what is offered"),
            Map.entry("no_application_protocol", "TlsOptions.withAlpn says what is offered"),
            Map.entry("unknown_ca", "the peer does not trust the authority of our certificate"));

    private HandshakeReport() {}

    static String of(SSLException e) {
        String reason = String.valueOf(e.getMessage());
        for (Throwable t = e; t != null; t = t.getCause()) {
            String message = String.valueOf(t.getMessage());
            switch (t) {
                case CertPathBuilderException unknown -> {
                    return reason + "; TlsOptions.withTrust says which authorities are trusted";
                }
                case CertificateExpiredException expired -> {
                    return reason + ": " + message;
                }
                case CertificateNotYetValidException early -> {
                    return reason + ": " + message + "; is the clock right?";
                }
                default -> {}
            }
            int alert = message.indexOf("Alert: ");
            if (alert >= 0) { // what the JDK says if the alert came in plain text
                reason = "Received fatal alert: " + message.substring(alert + "Alert: ".length());
            }
        }
        for (Map.Entry<String, String> way : WAYS_OUT) {
            if (reason.contains(way.getKey())) {
                return reason + "; " + way.getValue();
            }
        }
        return reason;
    }
}

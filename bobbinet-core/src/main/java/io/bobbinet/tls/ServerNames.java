package io.bobbinet.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Whether a certificate is for a name or an address, by its subject alternative names (RFC 9525, section 6). */
final class ServerNames {
    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    private ServerNames() {}

    /** Throws if the certificate is not for the name. */
    static void verify(X509Certificate certificate, String serverName) throws SSLPeerUnverifiedException {
        List<String> names = new ArrayList<>();
        try {
            InetAddress address = address(serverName);
            for (List<?> name : alternatives(certificate)) {
                int kind = (Integer) name.getFirst();
                if ((kind == DNS || kind == ADDRESS) && name.get(1) instanceof String text) {
                    names.add(text);
                    if (address == null ? kind == DNS && matches(text, serverName) : address.equals(address(text))) {
                        return;
                    }
                }
            }
        } catch (CertificateParsingException e) {
            SSLPeerUnverifiedException unreadable =
                    new SSLPeerUnverifiedException("The names in the certificate cannot be read: " + e.getMessage());
            unreadable.initCause(e);
            throw unreadable;
        }
        throw new SSLPeerUnverifiedException("The certificate is not for " + serverName + " but for " + names);
    }

    private static Collection<List<?>> alternatives(X509Certificate certificate) throws CertificateParsingException {
        Collection<List<?>> found = certificate.getSubjectAlternativeNames();
        return found == null ? List.of() : found;
    }

    /** A star stands for one whole label, the first, and not for one right below the root. */
    static boolean matches(String pattern, String name) {
        String wanted = pattern.toLowerCase(Locale.ROOT);
        String asked = name.toLowerCase(Locale.ROOT);
        if (!wanted.startsWith("*.")) {
            return wanted.equals(asked);
        }
        int dot = asked.indexOf('.');
        return dot > 0 && wanted.indexOf('.', 2) > 0 && asked.substring(dot).equals(wanted.substring(1));
    }

    private static @Nullable InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(InetAddress.ofLiteral(text).getAddress());
        } catch (IllegalArgumentException | UnknownHostException e) {
            return null;
        }
    }
}

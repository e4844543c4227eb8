package io.bobbinet.cli;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** What failures of TLS mean for those who gave the options. */
final class TlsFailures {
    /** How the JDK says that a certificate is for another name; it has no type of exception for that. */
    private static final Pattern OTHER_NAME = Pattern.compile("No (subject alternative|name matching) .*");

    private static final Pattern HANDSHAKE = Pattern.compile("^The TLS handshake with .*? failed: ");

    /** How the library ends a message with the method that may help; here the options do. */
    private static final Pattern HINT =
            Pattern.compile("^(.*); (use )?((TlsOptions|TlsIdentity|TlsTrust)[.#]|(with|of)[A-Z]).*$", Pattern.DOTALL);

    private static final Pattern PASSWORD_HINT = Pattern.compile("; (use )?(TlsIdentity[.#])?ofPem\\(.*password.*$");

    private TlsFailures() {}

    /** {@return why the handshake with a server failed, and which option may help} */
    static String ofServer(SSLException failure) {
        if (isOfUnknownAuthority(failure)) {
            return "the server's certificate is of no authority that is trusted; --ca FILE trusts those in a file, too,"
                    + " and --insecure anybody";
        }
        Optional<String> otherName = otherName(failure);
        if (otherName.isPresent()) {
            return "the server's certificate is for another name (" + otherName.get()
                    + "); --server-name NAME tells which to expect";
        }
        return HANDSHAKE.matcher(Complaints.describe(failure)).replaceFirst("the TLS handshake failed: ");
    }

    /** {@return why the connection with a client failed} */
    static String ofClient(SSLException failure) {
        String message = Complaints.describe(failure).replaceFirst("^(The TLS handshake with )/", "$1");
        return isOfUnknownAuthority(failure)
                ? message.replaceFirst("failed: .*", "failed: the client's certificate is of no authority in --ca")
                : message;
    }

    /** {@return the message of a failure, with options of the command where the library names its own methods} */
    static String message(SSLException failure) {
        String original = String.valueOf(failure.getMessage());
        String message = withoutHint(original);
        if (PASSWORD_HINT.matcher(original).find()) {
            return message + "; --key-password-file FILE has its password";
        }
        return message.endsWith("Received fatal alert: certificate_required")
                ? message + "; --cert and --key show the server one, of an authority that it trusts"
                : message;
    }

    /** {@return a message of the library without the method that it advises} */
    static String withoutHint(String message) {
        return HINT.matcher(message).replaceFirst("$1");
    }

    private static boolean isOfUnknownAuthority(SSLException failure) {
        return causes(failure).anyMatch(cause -> switch (cause) {
            case CertPathBuilderException _ -> true;
            // Of one with the same name, such as an older certificate for development.
            case CertPathValidatorException e -> e.getReason() == BasicReason.INVALID_SIGNATURE;
            default -> false;
        });
    }

    private static Optional<String> otherName(SSLException failure) {
        return causes(failure)
                .filter(cause -> cause instanceof SSLPeerUnverifiedException
                        || (cause instanceof CertificateException
                                && OTHER_NAME.matcher("" + cause.getMessage()).matches()))
                .map(cause -> String.valueOf(cause.getMessage()))
                .map(message -> message.replaceFirst("\\.$", ""))
                .findFirst();
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
    }
}

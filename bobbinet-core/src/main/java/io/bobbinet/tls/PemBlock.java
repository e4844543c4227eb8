package io.bobbinet.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;

/**
 * A block of a PEM file (RFC 7468).
 *
 * @param file the file
 * @param label what it says it is, as in {@code CERTIFICATE}
 * @param line the number of the line it begins with, from 1
 * @param headers what precedes the content (RFC 1421), as OpenSSL writes it for encrypted keys
 * @param lines its content in base64, whole or broken
 * @param firstLine the number of the first of these lines
 */
record PemBlock(Path file, String label, int line, Map<String, String> headers, List<String> lines, int firstLine) {
    private static final String PRIVATE_KEY = "PRIVATE KEY";

    boolean isCertificate() {
        return label.equals("CERTIFICATE") || label.equals("X509 CERTIFICATE");
    }

    boolean isPrivateKey() {
        return label.endsWith(PRIVATE_KEY);
    }

    /** Where it is, for messages. */
    String place() {
        return file + ", line " + line + " (" + label + ")";
    }

    /** The bytes that it stands for. */
    byte[] content() throws IOException {
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).chars().allMatch(PemBlock::isBase64)) {
                throw new SSLException(file + ", line " + (firstLine + i) + ": this is not base64, in the block "
                        + label + " that begins in line " + line);
            }
        }
        try {
            return Base64.getDecoder().decode(String.join("", lines));
        } catch (IllegalArgumentException e) {
            throw new SSLException(place() + ": the base64 of this block is broken", e);
        }
    }

    private static boolean isBase64(int c) {
        return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '=';
    }

    /** Never what is in it: it may be a key. */
    @Override
    public String toString() {
        return place();
    }
}

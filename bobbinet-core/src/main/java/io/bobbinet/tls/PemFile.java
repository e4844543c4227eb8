package io.bobbinet.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;

/**
 * The blocks of a PEM file (RFC 7468), other text left out. What is wrong with it is an {@link SSLException} that tells the
 * file and the line.
 *
 * @param file the file, for messages
 * @param blocks its blocks, in their order
 */
record PemFile(Path file, List<PemBlock> blocks) {
    private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----");
    private static final Pattern HEADER = Pattern.compile("([A-Za-z0-9-]{1,64}):(.*)");

    /** What some editors put before text in UTF-8, read as ISO 8859-1. */
    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

    /** Reads the blocks of a file that begins and ends all of them. */
    static PemFile parse(Path file, byte[] content) throws IOException {
        if (isDer(content)) {
            throw new SSLException(
                    file + " is binary (DER, or a key store), not PEM; openssl x509, pkey and pkcs12 convert it");
        }
        List<String> lines = new String(content, ISO_8859_1)
                .replaceFirst("^" + BYTE_ORDER_MARK, "")
                .lines()
                .map(String::strip)
                .toList();
        List<PemBlock> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher begin = BEGIN.matcher(lines.get(i));
            if (begin.matches()) {
                int end = endOf(file, begin.group(1), lines, i);
                blocks.add(block(file, begin.group(1), lines, i, end));
                i = end;
            }
        }
        return new PemFile(file, List.copyOf(blocks));
    }

    /** Whether it begins as a DER sequence does and a text does not: with a long length, or one that is just that of the rest. */
    private static boolean isDer(byte[] content) {
        return content.length > 1
                && content[0] == DerReader.SEQUENCE
                && (content[1] < 0 || content[1] == content.length - 2);
    }

    /** The index of the line that ends a block. */
    private static int endOf(Path file, String label, List<String> lines, int begin) throws IOException {
        for (int i = begin + 1; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.equals("-----END " + label + "-----")) {
                return i;
            }
            if (line.startsWith("-----")) {
                break;
            }
        }
        throw new SSLException(file + ", line " + (begin + 1) + ": the block " + label + " has no end");
    }

    private static PemBlock block(Path file, String label, List<String> lines, int begin, int end) {
        Map<String, String> headers = new LinkedHashMap<>();
        int first = begin + 1;
        for (; first < end; first++) {
            Matcher header = HEADER.matcher(lines.get(first));
            if (!header.matches()) {
                break;
            }
            headers.put(header.group(1), header.group(2).strip());
        }
        return new PemBlock(file, label, begin + 1, Map.copyOf(headers), lines.subList(first, end), first + 1);
    }

    /** The certificates in their order, each once; at least one. */
    List<X509Certificate> certificates() throws IOException {
        Set<X509Certificate> certificates = new LinkedHashSet<>();
        for (PemBlock block : blocks) {
            if (block.isCertificate()) {
                certificates.add(certificate(block));
            }
        }
        if (certificates.isEmpty()) {
            throw new SSLException("No certificate in " + file + found());
        }
        return List.copyOf(certificates);
    }

    private static X509Certificate certificate(PemBlock block) throws IOException {
        byte[] content = block.content();
        try {
            new DerReader(content).only(DerReader.SEQUENCE);
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(content));
        } catch (InvalidKeySpecException | CertificateException | RuntimeException e) {
            throw new SSLException(block.place() + ": this is not a certificate that can be read", e);
        }
    }

    /** The block of the private key. */
    PemBlock privateKey() throws IOException {
        List<PemBlock> keys = blocks.stream().filter(PemBlock::isPrivateKey).toList();
        if (keys.isEmpty()) {
            throw new SSLKeyException("No private key in " + file + found());
        }
        if (keys.size() > 1) {
            throw new SSLKeyException(file + " holds " + keys.size() + " private keys, in the lines "
                    + keys.stream().map(k -> "" + k.line()).collect(Collectors.joining(", ")) + "; there must be one");
        }
        return keys.getFirst();
    }

    /** What there is instead of what was looked for. */
    private String found() {
        return blocks.isEmpty()
                ? " (it has no PEM block at all)"
                : blocks.stream().map(PemBlock::label).distinct().collect(Collectors.joining(", ", " (it has: ", ")"));
    }
}

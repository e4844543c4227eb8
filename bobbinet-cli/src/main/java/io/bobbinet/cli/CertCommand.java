package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.bobbinet.net.Resolver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code bobbinet cert}. */
@Command(
        name = "cert",
        description = {
            "Writes a private key and a certificate that it signs itself, for development: key.pem and cert.pem.",
            "A server is given both (--cert, --key), and its clients the certificate alone (--ca)."
        })
final class CertCommand implements Callable<Integer> {
    private static final int LONGEST_COMMON_NAME = 64; // RFC 5280, ub-common-name
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"; // RFC 1123, section 2.1

    @Parameters(
            paramLabel = "NAME",
            arity = "1..*",
            description = "What the server is called: host names, *.example.org for all of one label more, addresses.")
    private List<String> names = List.of();

    @Option(names = "--directory", paramLabel = "DIR", description = "Where to write the files; here, if not given.")
    private Path directory = Path.of("");

    @Option(
            names = "--days",
            paramLabel = "COUNT",
            converter = DaysConverter.class,
            description = "How long the certificate is valid, up to " + DaysConverter.MOST + "; 365 if not given.")
    private int days = 365;

    @Option(names = "--force", description = "Replace files that are there already.")
    private boolean force;

    /** Reads a number of days. */
    static final class DaysConverter implements ITypeConverter<Integer> {
        static final int MOST = 36_500;

        @Override
        public Integer convert(String text) {
            int days = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
            if (days < 1 || days > MOST) {
                throw new TypeConversionException(
                        "a certificate is valid for at least 1 day and at most " + MOST + ", not '" + text + "'");
            }
            return days;
        }
    }

    @Override
    public Integer call() throws IOException {
        Set<String> alternativeNames = new LinkedHashSet<>();
        for (String name : names) {
            alternativeNames.add(alternativeName(name));
        }
        Path certificateFile = directory.resolve("cert.pem");
        Path keyFile = directory.resolve("key.pem");
        checkPlace(certificateFile, keyFile);
        KeyTool.Pair pair = KeyTool.selfSigned(subject(alternativeNames), List.copyOf(alternativeNames), days);
        var key = new NewFile(keyFile, pem("PRIVATE KEY", pair.key().getEncoded()), "rw-------");
        var certificate = new NewFile(certificateFile, pem("CERTIFICATE", encoded(pair)), "rw-r--r--");
        try {
            NewFile.writeAll(List.of(key, certificate), force);
        } catch (FileAlreadyExistsException e) {
            throw inTheWay(Path.of(e.getFile()));
        }
        System.out.println(certificateFile);
        System.out.println(keyFile);
        String uri = quoted("tls://" + host() + ":8443");
        String pem = quoted(certificateFile.toString());
        System.out.println(
                "a server: " + self() + " echo " + uri + " --cert " + pem + " --key " + quoted(keyFile.toString()));
        System.out.println("a client: " + self() + " connect " + uri + " --ca " + pem);
        return 0;
    }

    /** {@return how this command was called, if whatever started it has told} */
    private static String self() {
        return quoted(System.getProperty("io.bobbinet.cli.command", "bobbinet"));
    }

    /** {@return a word as a shell takes it} */
    private static String quoted(String word) {
        return word.matches("[\\w./+:@%-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private void checkPlace(Path... files) throws IOException {
        Path folder = directory.toAbsolutePath();
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(directory + ": no such directory");
        }
        for (Path file : files) {
            if (!force && Files.exists(file)) {
                throw inTheWay(file);
            }
        }
    }

    private static IOException inTheWay(Path file) {
        return new IOException(file + " is there already; --force replaces it, --directory DIR chooses another place");
    }

    private static String alternativeName(String name) {
        String bare = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        try {
            String address = InetAddress.ofLiteral(bare).getHostAddress();
            if (address.contains("%")) {
                throw new UsageException("No certificate can be for '" + name + "': it has a zone");
            }
            return "ip:" + address;
        } catch (IllegalArgumentException e) {
            return "dns:" + hostName(name);
        }
    }

    private static String hostName(String name) {
        boolean wild = name.startsWith("*.");
        try {
            String ascii = Resolver.toAscii(wild ? name.substring(2) : name);
            if (!ascii.matches(LABEL + "(\\." + LABEL + ")*")) {
                throw new UsageException("No server can be called '" + name
                        + "' in a certificate: names are made of letters, digits and hyphens, with dots between them");
            }
            return (wild ? "*." : "") + ascii;
        } catch (UnknownHostException e) {
            throw new UsageException("No server can be called '" + name + "'");
        }
    }

    /** The first name; modern clients look at the alternative names alone, but people look here. */
    private static String subject(Set<String> alternativeNames) {
        String name = alternativeNames.iterator().next().replaceFirst("^(dns|ip):", "");
        return name.length() > LONGEST_COMMON_NAME ? "CN=Bobbinet development" : "CN=" + name;
    }

    /** {@return a host that the certificate is for, as it stands in an endpoint} */
    private String host() {
        String first = names.getFirst().replaceFirst("^\\*\\.", "www.");
        return first.contains(":") && !first.startsWith("[") ? "[" + first + "]" : first;
    }

    private static byte[] encoded(KeyTool.Pair pair) throws IOException {
        try {
            return pair.certificate().getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IOException("The certificate cannot be written: " + e.getMessage(), e);
        }
    }

    /** RFC 7468. */
    static String pem(String label, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(content);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }
}

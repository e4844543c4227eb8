package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads endpoints, with the parser of the library. */
final class EndpointConverter implements ITypeConverter<Endpoint> {
    /** How those endpoints are written that the command serves: what hints may name. */
    static final String FORMS = "tcp://HOST:PORT, tls://HOST:PORT, unix:///PATH or unix:@NAME";

    /** What the library can read. */
    private static final Set<String> SCHEMES = Set.of("tcp", "tls", "unix", "udp", "unixgram");

    @Override
    public Endpoint convert(String uri) {
        int colon = uri.indexOf(':');
        if (colon < 0 || !SCHEMES.contains(uri.substring(0, colon).toLowerCase(Locale.ROOT))) {
            // The library would name schemes that this command does not serve.
            throw new TypeConversionException("The endpoint '" + uri + "' has "
                    + (colon < 0 ? "no scheme" : "a scheme that is not known") + "; write " + FORMS);
        }
        try {
            return Endpoint.parse(uri);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /** Reads several; picocli itself would call one that is wrong, and not the first, an argument too many. */
    static List<Endpoint> all(List<String> uris) {
        EndpointConverter converter = new EndpointConverter();
        try {
            return uris.stream().map(converter::convert).toList();
        } catch (TypeConversionException e) {
            throw new UsageException(Complaints.describe(e));
        }
    }
}

package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads endpoints, with the parser of the library. */
final class EndpointConverter implements ITypeConverter<Endpoint> {
    /** How endpoints are written. */
    static final String FORMS = "tcp://HOST:PORT, tls://HOST:PORT, unix:///PATH, unix:@NAME, udp://HOST:PORT,"
            + " unixgram:///PATH or unixgram:@NAME";

    @Override
    public Endpoint convert(String uri) {
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

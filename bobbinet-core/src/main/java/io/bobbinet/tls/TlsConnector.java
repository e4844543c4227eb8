package io.bobbinet.tls;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import java.io.IOException;
import java.util.Optional;

/** Connections of another connector, with the client's side of TLS on top. */
record TlsConnector(Connector<? extends ByteStream> below, Role role) implements Connector<TlsStream> {

    @Override
    public TlsStream connect() throws IOException {
        return Tls.handshaken(below.connect(), role);
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        Optional<T> value = role.find(attribute);
        return value.isPresent() ? value : below.find(attribute);
    }

    @Override
    public String toString() {
        return "TLS to " + below;
    }
}

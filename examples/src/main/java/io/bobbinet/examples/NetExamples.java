package io.bobbinet.examples;

import io.bobbinet.net.Endpoint;
import io.bobbinet.net.Resolver;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.SocketStream;
import io.bobbinet.net.SocketView;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.Udp;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.tls.Tls;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Endpoints, names, addresses and options. */
public final class NetExamples {
    private NetExamples() {}

    /**
     * Connects to what a configuration names.
     *
     * @param uri what it names
     * @return the connection
     * @throws IOException if there is none to be had
     */
    public static Closeable connect(String uri) throws IOException {
        // @start region="endpoint"
        return switch (Endpoint.parse(uri)) { // "tcp://localhost:5432", "unix:///run/db.sock", ...
            case Endpoint.Tcp tcp -> Tcp.connect(tcp.host(), tcp.port());
            case Endpoint.Tls tls -> Tls.connect(tls.host(), tls.port());
            case Endpoint.Unix unix -> Unix.connector(unix.address()).connect();
            case Endpoint.Udp udp -> Udp.connect(udp.host(), udp.port());
            case Endpoint.UnixDatagram unix ->
                UnixDatagram.connector(unix.address()).connect();
        };
        // @end region="endpoint"
    }

    /**
     * Connects to a service by a name that no name server knows.
     *
     * @param services the services and where they are
     * @param name the service
     * @param port its port
     * @return the connection
     * @throws IOException if there is none to be had
     */
    public static ByteStream byOwnNames(Map<String, InetAddress> services, String name, int port) throws IOException {
        // @start region="resolver"
        Resolver own = host -> services.containsKey(host)
                ? List.of(services.get(host))
                : Resolver.system().resolve(host);
        return Tcp.connector(name, port).withResolver(own).connect();
        // @end region="resolver"
    }

    /**
     * Tells who is at the other end of a stream, be it wrapped ever so often.
     *
     * @param stream the stream
     * @return a line for the log
     */
    public static String logLine(ByteStream stream) {
        // @start region="attributes"
        return "from "
                + stream.find(SocketAttributes.PEER_ADDRESS)
                        .map(Object::toString)
                        .orElse("memory");
        // @end region="attributes"
    }

    /**
     * Makes the buffer of a socket larger, whatever its kind.
     *
     * @param stream the socket
     * @return how large it is now
     * @throws IOException if the system refuses
     */
    public static int enlarge(SocketStream stream) throws IOException {
        // @start region="option"
        stream.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
        return stream.option(StandardSocketOptions.SO_RCVBUF); // what the system made of it
        // @end region="option"
    }

    /**
     * Turns the probes of idle connections off, whatever the connection is wrapped in.
     *
     * @param stream the connection, over TLS for instance
     * @return whether there are such probes now
     * @throws IOException if the system refuses
     */
    public static boolean withoutProbes(ByteStream stream) throws IOException {
        // @start region="socket"
        SocketView socket = stream.find(SocketAttributes.SOCKET).orElseThrow(); // memory has none
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, false);
        return socket.option(StandardSocketOptions.SO_KEEPALIVE);
        // @end region="socket"
    }

    /**
     * Lets in only the user whom this process belongs to. Linux only.
     *
     * @param name the abstract name to listen at
     * @param uid the user
     * @return who came, if it was that user
     * @throws IOException if listening fails
     */
    public static Optional<UnixCredentials> admit(String name, long uid) throws IOException {
        // @start region="credentials"
        try (var listener = Unix.binder(UnixAddress.ofAbstract(name)).listen();
                var client = listener.accept()) {
            return Optional.of(client.peerCredentials()).filter(peer -> peer.uid() == uid);
        }
        // @end region="credentials"
    }
}

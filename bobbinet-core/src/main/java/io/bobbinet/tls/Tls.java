package io.bobbinet.tls;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.Listener;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * TLS: connections, connectors and listeners, over TCP or over anything.
 *
 * {@snippet file="TlsExamples.java" region="client"}
 *
 * <p>A client always verifies that the server's certificate is for a name: that of the host connected to, or that of
 * {@link TlsOptions#withServerName}.
 */
public final class Tls {
    private Tls() {}

    /**
     * Connects to a host over TCP, as {@link Tcp#connect} does, and does the handshake with the default options.
     *
     * @param host a name or a numeric address; what the server's certificate must be for
     * @param port the port, 1 to 65535
     * @return the connection, which belongs to the caller
     * @throws IOException as from {@link #connect(String, int, TlsOptions)}
     */
    public static TlsStream connect(String host, int port) throws IOException {
        return connect(host, port, TlsOptions.defaults());
    }

    /**
     * Connects to a host over TCP, as {@link Tcp#connect} does, and does the handshake.
     *
     * @param host a name or a numeric address
     * @param port the port, 1 to 65535
     * @param options how TLS is spoken; a server name in them is verified in place of the host
     * @return the connection, which belongs to the caller
     * @throws IllegalArgumentException if the port is out of range, no server can have the name, or the options name a protocol
     *     or cipher suite that the provider does not know
     * @throws java.net.UnknownHostException if the name is malformed or has no address
     * @throws io.bobbinet.net.ConnectionFailedException if no attempt to connect succeeds
     * @throws javax.net.ssl.SSLException if the handshake fails; the connection is closed
     * @throws io.bobbinet.stream.BrokenResourceException if the connection ends or breaks in the handshake
     * @throws io.bobbinet.task.TimedOutException if the handshake takes longer than the options allow; the connection is closed
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; all is closed
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user; all is closed
     */
    public static TlsStream connect(String host, int port, TlsOptions options) throws IOException {
        return connector(Tcp.connector(host, port), options).connect();
    }

    /**
     * Makes a connector that speaks TLS over the connections of another, with the default options.
     *
     * @param below makes the connections
     * @return the connector; its connections have done the handshake
     * @throws IllegalArgumentException if the connector does not know {@linkplain Attribute#REMOTE_HOST the host it goes to}
     */
    public static Connector<TlsStream> connector(Connector<? extends ByteStream> below) {
        return connector(below, TlsOptions.defaults());
    }

    /**
     * Makes a connector that speaks TLS over the connections of another.
     *
     * @param below makes the connections
     * @param options how TLS is spoken; a server name in them is verified in place of the host
     * @return the connector; its connections have done the handshake, and if that fails, nothing is left open
     * @throws IllegalArgumentException if there is no server name and the connector does not know
     *     {@linkplain Attribute#REMOTE_HOST the host it goes to}; or as from {@link #connect(String, int, TlsOptions)}
     */
    public static Connector<TlsStream> connector(Connector<? extends ByteStream> below, TlsOptions options) {
        return new TlsConnector(below, Role.client(options, below.find(Attribute.REMOTE_HOST)));
    }

    /**
     * Listens on all addresses of this machine, as {@link Tcp#listen(int)} does, for TLS.
     *
     * @param port the port, or 0 to let the system choose
     * @param options how TLS is spoken
     * @return the listener, which belongs to the caller
     * @throws IllegalArgumentException as from {@link #listener}, or if the port is out of range
     * @throws IOException as from {@link Tcp#listen(int)}
     */
    public static Listener<TlsStream> listen(int port, TlsOptions options) throws IOException {
        Role role = Role.server(options);
        return new TlsListener(Tcp.listen(port), role);
    }

    /**
     * Listens on the addresses of a host, as {@link Tcp#listen(String, int)} does, for TLS.
     *
     * @param host a name or a numeric address of this machine
     * @param port the port, or 0 to let the system choose
     * @param options how TLS is spoken
     * @return the listener, which belongs to the caller
     * @throws IllegalArgumentException as from {@link #listener}, or if the port is out of range
     * @throws IOException as from {@link Tcp#listen(String, int)}
     */
    public static Listener<TlsStream> listen(String host, int port, TlsOptions options) throws IOException {
        Role role = Role.server(options);
        return new TlsListener(Tcp.listen(host, port), role);
    }

    /**
     * Makes a listener that speaks TLS over the connections of another.
     *
     * {@snippet file="TlsExamples.java" region="server"}
     *
     * <p>{@code serve} does the handshake in the connection's own task, before the handler, under the time limit of the options; if
     * it fails, the failure is reported as a handler's would be, the handler is not called, and serving goes on, also in a group.
     * {@code accept} and {@code forEach} give connections that have not done it: see {@link TlsStream}.
     *
     * @param below accepts the connections; belongs to the new listener from now on
     * @param options how TLS is spoken
     * @return the listener
     * @throws IllegalArgumentException if the options have no identity, ask for client certificates and do not say whose are
     *     trusted, or name a protocol or cipher suite that the provider does not know
     */
    public static Listener<TlsStream> listener(Listener<? extends ByteStream> below, TlsOptions options) {
        return new TlsListener(Objects.requireNonNull(below, "below"), Role.server(options));
    }

    /**
     * Takes over a live stream as the client's side of TLS, with the default options, and does the handshake.
     *
     * @param below the stream, which must not be used any more
     * @param host the name or address that the server's certificate must be for
     * @return the connection, which owns the stream
     * @throws IllegalArgumentException if no server can have the name
     * @throws IOException as from {@link #client(ByteStream, TlsOptions)}
     */
    public static TlsStream client(ByteStream below, String host) throws IOException {
        return client(below, host, TlsOptions.defaults());
    }

    /**
     * Takes over a live stream as the client's side of TLS, and does the handshake.
     *
     * @param below the stream, which must not be used any more
     * @param host the name or address that the server's certificate must be for, unless the options name another
     * @param options how TLS is spoken
     * @return the connection, which owns the stream
     * @throws IllegalArgumentException if no server can have the name; or as from {@link #client(ByteStream, TlsOptions)}
     * @throws IOException as from {@link #client(ByteStream, TlsOptions)}
     */
    public static TlsStream client(ByteStream below, String host, TlsOptions options) throws IOException {
        Objects.requireNonNull(below, "below");
        return handshaken(below, Role.client(options, Optional.of(host)));
    }

    /**
     * Takes over a live stream as the client's side of TLS, and does the handshake. A buffered stream is taken over with the
     * bytes that it has buffered: they are taken for TLS, and for nothing else. To go on with the same buffered stream and its
     * loops, use {@link io.bobbinet.stream.BufferedByteStream#upgrade}.
     *
     * {@snippet file="TlsExamples.java" region="upgrade"}
     *
     * @param below the stream, which must not be used any more
     * @param options how TLS is spoken, with the {@linkplain TlsOptions#withServerName name of the server}
     * @return the connection, which owns the stream
     * @throws IllegalArgumentException if there is no server name, or the options name a protocol or cipher suite that the
     *     provider does not know; the stream still belongs to the caller (but in an upgrade, which closes it)
     * @throws javax.net.ssl.SSLException if the handshake fails; the stream is closed
     * @throws io.bobbinet.stream.BrokenResourceException if the stream ends or breaks in the handshake; it is closed
     * @throws io.bobbinet.task.TimedOutException if the handshake takes longer than the options allow; the stream is closed
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; the stream is closed
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user; the stream is
     *     closed
     */
    public static TlsStream client(ByteStream below, TlsOptions options) throws IOException {
        Objects.requireNonNull(below, "below");
        return handshaken(below, Role.client(options, Optional.empty()));
    }

    /**
     * Takes over a live stream as the server's side of TLS, and does the handshake; as {@link #client(ByteStream, TlsOptions)}
     * in all else.
     *
     * @param below the stream, which must not be used any more
     * @param options how TLS is spoken, with an identity
     * @return the connection, which owns the stream
     * @throws IllegalArgumentException as from {@link #listener}; the stream still belongs to the caller
     * @throws javax.net.ssl.SSLException if the handshake fails; the stream is closed
     * @throws IOException as from {@link #client(ByteStream, TlsOptions)}
     */
    public static TlsStream server(ByteStream below, TlsOptions options) throws IOException {
        Objects.requireNonNull(below, "below");
        return handshaken(below, Role.server(options));
    }

    /** A stream that has done its handshake; otherwise the one below is closed. */
    static TlsStream handshaken(ByteStream below, Role role) throws IOException {
        TlsStream stream = over(below, role);
        try {
            stream.handshake();
            return stream;
        } catch (Throwable t) {
            closeAfter(t, stream);
            throw t;
        }
    }

    /** A stream that has its handshake before it. */
    static TlsStream over(ByteStream below, Role role) throws IOException {
        try {
            return new TlsStream(below, role);
        } catch (RuntimeException e) {
            SSLException failed =
                    new SSLException("The provider makes no engine for " + below + ": " + e.getMessage(), e);
            closeAfter(failed, below);
            throw failed;
        } catch (Error e) {
            closeAfter(e, below);
            throw e;
        }
    }

    private static void closeAfter(Throwable failed, ByteStream stream) {
        try {
            stream.close();
        } catch (IOException | RuntimeException e) {
            failed.addSuppressed(e);
        }
    }
}

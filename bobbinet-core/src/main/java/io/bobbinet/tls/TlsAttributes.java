package io.bobbinet.tls;

import io.bobbinet.stream.Attribute;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLSession;

/**
 * What a TLS connection tells about itself through any number of wrappers; see {@link io.bobbinet.stream.Attributed#find}.
 * All but {@link #SERVER_SIDE} and {@link #END} are known from the end of the handshake on, and still after the close.
 *
 * {@snippet file="TlsExamples.java" region="attributes"}
 */
public final class TlsAttributes {
    /** The version of the protocol, by its standard name: {@code "TLSv1.3"}. */
    public static final Attribute<String> PROTOCOL = Attribute.of("TLS protocol");

    /** The cipher suite, by its standard name: {@code "TLS_AES_256_GCM_SHA384"}. */
    public static final Attribute<String> CIPHER_SUITE = Attribute.of("TLS cipher suite");

    /** The protocol that was agreed upon by ALPN (RFC 7301); none if the peer did not negotiate. */
    public static final Attribute<String> ALPN = Attribute.of("ALPN protocol");

    /** The name of the server that the client asked for (SNI, RFC 6066); on a client the name that was verified. */
    public static final Attribute<String> SERVER_NAME = Attribute.of("TLS server name");

    /** The chain that the peer has shown, its own certificate first; none if it has shown none. */
    public static final Attribute<List<X509Certificate>> PEER_CERTIFICATES = Attribute.of("TLS peer certificates");

    /** The chain that this side has shown, its own certificate first; none if it has shown none. */
    public static final Attribute<List<X509Certificate>> LOCAL_CERTIFICATES = Attribute.of("TLS local certificates");

    /**
     * The channel binding {@code tls-exporter} of RFC 9266, 32 bytes, the same on both sides; none before TLS 1.3, or if the
     * provider cannot export keying material.
     */
    public static final Attribute<byte[]> EXPORTER_BINDING = Attribute.of("channel binding tls-exporter");

    /** The channel binding {@code tls-server-end-point} of RFC 5929: a hash of the server's certificate. */
    public static final Attribute<byte[]> SERVER_END_POINT_BINDING =
            Attribute.of("channel binding tls-server-end-point");

    /** Whether this is the server's side of the handshake; of listeners and connectors too. */
    public static final Attribute<Boolean> SERVER_SIDE = Attribute.of("TLS server side");

    /** What an end without close_notify is taken for; of listeners and connectors too. */
    public static final Attribute<TlsEnd> END = Attribute.of("TLS end");

    /** The session, for all else that the provider knows. */
    public static final Attribute<SSLSession> SESSION = Attribute.of("TLS session");

    private TlsAttributes() {}
}

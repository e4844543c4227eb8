/**
 * TLS over any stream: {@link io.bobbinet.tls.Tls} opens connections and listeners, and wraps what is there already.
 *
 * <p>Engines and protocols are the JDK's, or any provider's ({@link javax.net.ssl.SSLContext}); this package gives them the
 * behaviour of a {@link io.bobbinet.stream.ByteStream}.
 */
@NullMarked
package io.bobbinet.tls;

import org.jspecify.annotations.NullMarked;

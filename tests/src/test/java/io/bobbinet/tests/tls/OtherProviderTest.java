package io.bobbinet.tests.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsOptions;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not left to engines that are not the JDK's. The one here is the JDK's under another name, which verifies nothing. */
@Timeout(30)
class OtherProviderTest {
    private static TlsOptions client() throws GeneralSecurityException {
        SSLContext real = SSLContext.getInstance("TLS");
        real.init(null, new TrustManager[] {new Credulous()}, null);
        return TlsOptions.defaults().withContext(new OtherContext(real));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void nameOfTheServerIsVerified(String protocol) throws IOException, GeneralSecurityException {
        TlsOptions client = client().withProtocols(protocol);
        var good = TlsPairs.over(MemoryByteStream.pair(), client.withServerName("localhost"), TlsPairs.OPTIONS);
        good.left().send("hello".getBytes(UTF_8));
        assertThat(good.right().receive()).isEqualTo("hello".getBytes(UTF_8));
        good.left().close();
        good.right().close();
        for (String wrong : new String[] {"example.org", "127.0.0.2", "a.localhost"}) {
            var below = MemoryByteStream.pair();
            TaskGroup.run(group -> {
                group.fork(() -> {
                    try (var server = Tls.server(below.right(), TlsPairs.OPTIONS)) {
                        assertThatThrownBy(server::receive).isInstanceOf(IOException.class);
                    } catch (SSLException e) {
                        // Before TLS 1.3 the alert may come in the handshake of the server.
                    }
                });
                assertThatThrownBy(() -> Tls.client(below.left(), client.withServerName(wrong)))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining(wrong)
                        .hasMessageContaining("localhost");
            });
        }
        var address = TlsPairs.over(MemoryByteStream.pair(), client.withServerName("127.0.0.1"), TlsPairs.OPTIONS);
        address.left().close();
        address.right().close();
    }

    @Test
    void sendingDoesNotEndAlone() throws IOException, GeneralSecurityException {
        var pair = TlsPairs.over(MemoryByteStream.pair(), client().withServerName("localhost"), TlsPairs.OPTIONS);
        assertThatThrownBy(() -> pair.left().sendEof()).isInstanceOf(UnsupportedOperationException.class);
        pair.left().send("as before".getBytes(UTF_8));
        assertThat(pair.right().receive()).isEqualTo("as before".getBytes(UTF_8));
        pair.left().close();
        pair.right().close();
    }

    private static final class OtherContext extends SSLContext {
        OtherContext(SSLContext real) {
            super(new Other(real), new Provider("Other", "1", "another name") {}, "TLS");
        }
    }

    private static final class Other extends SSLContextSpi {
        private final SSLContext real;

        Other(SSLContext real) {
            this.real = real;
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
                throws KeyManagementException {
            real.init(keys, trust, random);
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return real.getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return real.getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return real.createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return real.createSSLEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return real.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return real.getClientSessionContext();
        }
    }

    /** Believes everybody. */
    private static final class Credulous extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

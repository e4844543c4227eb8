package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.failureOf;
import static io.bobbinet.tests.async.Futures.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.packet.Arrivals.End;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.Certificates;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An asynchronous client over TLS. */
@OnEachBackend
@DisplayName("AsyncTlsTest")
@Timeout(30)
final class AsyncTlsTest {
    private static final char[] PASSWORD = "secret".toCharArray();
    private static final Certificates AUTHORITY = Certificates.authority("Authority of the tests");
    private static final TlsOptions SERVER = TlsOptions.defaults()
            .withIdentity(TlsIdentity.ofKeyStore(AUTHORITY.issue("localhost").keyStore(PASSWORD), PASSWORD));
    private static final TlsOptions CLIENT = TlsOptions.defaults()
            .withTrust(TlsTrust.ofKeyStore(AUTHORITY.trustStore()))
            .withServerName("localhost");

    private interface Scenario {
        void run(AsyncPacketClient<String, String> client) throws Exception;
    }

    /** With a server that answers each line, until there are no more. */
    private static void with(TlsOptions options, Scenario scenario) throws Exception {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> {
                    try (var connection = peer(Tls.server(listener.accept(), SERVER))) {
                        connection.forEach(line -> connection.send("re: " + line));
                        connection.sendEof();
                    } catch (SSLHandshakeException e) {
                        // The client does not want it.
                    }
                });
                var below = Tcp.connector("127.0.0.1", listener.localAddress().getPort());
                try (var client = AsyncPacketClient.of(Tls.connector(below, options), LINES)) {
                    scenario.run(client);
                }
            });
        }
    }

    @Test
    @Tag("smoke")
    void packetsTravelBothWaysAndSoDoTheEnds() throws Exception {
        with(CLIENT, client -> {
            assertThat(client.available().get().packets()).isEmpty();
            CompletableFuture<String> first = client.receive();
            CompletableFuture<String> second = client.receive();
            client.send("one").get();
            client.send("two").get();
            assertThat(first.get()).isEqualTo("re: one");
            assertThat(second.get()).isEqualTo("re: two");
            assertThat(client.find(TlsAttributes.PROTOCOL)).contains("TLSv1.3");
            assertThat(client.available().get().end()).isEqualTo(End.NO_MORE);
            CompletableFuture<String> called = client.receive();
            called.cancel(true);
            client.send("three").get();
            assertThat(client.receive().get()).isEqualTo("re: three");
            client.sendEof().get();
            assertThat(failureOf(client.receive())).isInstanceOf(EndOfStreamException.class);
        });
    }

    @Test
    void aCertificateThatIsNotTrustedFailsWhatWaitsForTheConnection() throws Exception {
        Certificates stranger = Certificates.authority("Stranger");
        with(CLIENT.withTrust(TlsTrust.ofKeyStore(stranger.trustStore())), client -> {
            assertThat(failureOf(client.send("secret"))).isInstanceOf(SSLHandshakeException.class);
            assertThat(client.isConnected()).isFalse();
        });
    }
}

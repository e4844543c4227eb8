package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.bytes;
import static io.bobbinet.tests.tls.TlsSides.drained;
import static io.bobbinet.tests.tls.TlsSides.text;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** TLS over real sockets, whose other ends do not do their part. */
@OnEachBackend
@DisplayName("TlsSocketServeTest")
@Timeout(30)
class TlsSocketServeTest {
    private final LinkedBlockingQueue<Throwable> reports = new LinkedBlockingQueue<>();
    private final ServeOptions options =
            ServeOptions.defaults().withFailureReporter((connection, failure) -> reports.add(failure));

    private static int port(Listener<TlsStream> listener) {
        SocketAddress address = listener.find(SocketAttributes.LOCAL_ADDRESS).orElseThrow();
        return ((InetSocketAddress) address).getPort();
    }

    private static TlsStream connect(int port) throws IOException {
        return Tls.connect("127.0.0.1", port, TlsSides.client());
    }

    @Test
    @Tag("smoke")
    void twoHundredSilentClientsDoNotDelayTheNext() throws IOException {
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, TlsSides.server())) {
            TaskGroup.run(group -> {
                group.fork(() -> listener.serve(stream -> stream.forEach(stream::send), options));
                List<TcpStream> silent = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    silent.add(Tcp.connect("127.0.0.1", port(listener)));
                }
                try (TlsStream client = connect(port(listener))) {
                    client.send(bytes("I am the 201st"));
                    assertThat(text(client.receive())).isEqualTo("I am the 201st");
                }
                assertThat(reports).isEmpty();
                for (TcpStream stream : silent) {
                    stream.close();
                }
                listener.drain(ofSeconds(20));
            });
        }
        assertThat(reports).hasSize(200).hasOnlyElementsOfType(BrokenResourceException.class);
    }

    @Test
    void aHandshakeThatTakesTooLongClosesItsSocket() throws Exception {
        TlsOptions impatient = TlsSides.server().withHandshakeTimeout(ofMillis(1));
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, impatient)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> listener.serve(
                        stream -> {
                            throw new AssertionError("handled");
                        },
                        options));
                try (TcpStream silent = Tcp.connect("127.0.0.1", port(listener))) {
                    assertThat(drained(silent)).isEmpty();
                }
                assertThat(reports.take()).isExactlyInstanceOf(TimedOutException.class);
                listener.drain(ofSeconds(1));
            });
        }
        assertThat(reports).isEmpty();
    }

    @Test
    void aPeerThatResetsLeavesABrokenStream() throws IOException {
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, TlsSides.server())) {
            TaskGroup.run(group -> {
                Task<TlsStream> accepting = group.fork(() -> {
                    TlsStream stream = listener.accept();
                    stream.handshake();
                    return stream;
                });
                TcpStream transport = Tcp.connect("127.0.0.1", port(listener));
                TlsStream client = Tls.client(transport, TlsSides.client());
                try (TlsStream server = accepting.join()) {
                    transport.setOption(StandardSocketOptions.SO_LINGER, 0);
                    transport.close();
                    assertThatThrownBy(() -> server.receive()).isExactlyInstanceOf(BrokenResourceException.class);
                    assertThatThrownBy(() -> server.receive()).isExactlyInstanceOf(BrokenResourceException.class);
                }
                client.close();
            });
        }
    }

    @Test
    void aConnectToAServerThatDoesNotSpeakTlsLeavesNothingOpen() throws IOException {
        try (var listener = Tcp.listen("127.0.0.1", 0)) {
            int port = listener.localAddress().getPort();
            TaskGroup.run(group -> {
                Task<Void> plain = group.fork(() -> {
                    try (TcpStream stream = listener.accept()) {
                        stream.send(bytes("220 mail.example.org ESMTP\r\n"));
                        assertThat(drained(stream)).as("the hello and an alert").startsWith(22);
                    }
                });
                assertThatThrownBy(() -> connect(port)).isInstanceOf(SSLException.class);
                plain.join();
            });
        }
    }
}

package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.examples.tour.RaggedEnd;
import io.bobbinet.examples.tour.StartTlsClient;
import io.bobbinet.examples.tour.StartTlsServer;
import io.bobbinet.examples.tour.TlsClient;
import io.bobbinet.examples.tour.TlsServer;
import io.bobbinet.task.Readiness;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** The rows of the tour that are about TLS, with peers that use the JDK's own. For one thread. */
final class TlsTour {
    private static final List<String> CONVERSATION =
            List.of("Received \"DUMMY\"", "Received \"STARTTLS\"", "Received \"ENCRYPTED\"", "Received \"QUIT\"");

    /** Made by the first row that runs, since that takes a second, and kept for the others. */
    private @Nullable TourCertificate made;

    TourRow client(String id) {
        return new TourRow(id, "a TLS client", TlsClient.class, this::runClient);
    }

    /** {@return the rows of AnyIO 1.x, which has the programs} */
    List<TourRow> rows() {
        return List.of(
                new TourRow("002-tls-server", "a TLS server", TlsServer.class, this::runServer),
                client("002-tls-client"),
                new TourRow(
                        "002-starttls-server", "TLS by hand, server", StartTlsServer.class, this::runStartTlsServer),
                new TourRow(
                        "002-starttls-client", "TLS by hand, client", StartTlsClient.class, this::runStartTlsClient),
                new TourRow("002-tls-ragged-end", "ragged ends of TLS", RaggedEnd.class, this::runRaggedEnd));
    }

    private TourCertificate certificate(Path folder) throws IOException {
        TourCertificate certificate = made;
        if (certificate == null) {
            certificate = TourCertificate.makeIn(folder);
            made = certificate;
        }
        return certificate;
    }

    // -- how each is put to work

    private String runClient(Path folder) throws IOException {
        TourCertificate certificate = certificate(folder);
        return TourRows.with(
                serve(certificate),
                at -> TourRows.expect(
                        "Hello, Client", TlsClient.greet(TourRows.HOST, at.getPort(), certificate.trust())));
    }

    private String runServer(Path folder) throws IOException {
        TourCertificate certificate = certificate(folder);
        return TourRows.with(serve(certificate), at -> {
            try (Socket socket = new Socket(TourRows.HOST, at.getPort());
                    SSLSocket secure = secure(certificate, socket)) {
                secure.getOutputStream().write("JDK\n".getBytes(UTF_8));
                String answer = new String(secure.getInputStream().readAllBytes(), UTF_8);
                return TourRows.expect("Hello, JDK\n", answer) + ", with "
                        + secure.getSession().getProtocol();
            }
        });
    }

    private String runStartTlsClient(Path folder) throws IOException {
        TourCertificate certificate = certificate(folder);
        List<String> log = new CopyOnWriteArrayList<>();
        return TourRows.with(serveStartTls(certificate, log), at -> {
            StartTlsClient.converse(TourRows.HOST, at.getPort(), certificate.trust());
            return heard(log);
        });
    }

    private String runStartTlsServer(Path folder) throws IOException {
        TourCertificate certificate = certificate(folder);
        List<String> log = new CopyOnWriteArrayList<>();
        return TourRows.with(serveStartTls(certificate, log), at -> {
            try (Socket socket = new Socket(TourRows.HOST, at.getPort())) {
                socket.getOutputStream().write("DUMMY\nSTARTTLS\n".getBytes(UTF_8));
                try (SSLSocket secure = secure(certificate, socket)) {
                    secure.getOutputStream().write("ENCRYPTED\nQUIT\n".getBytes(UTF_8));
                    secure.getInputStream().readAllBytes();
                    return heard(log);
                }
            }
        });
    }

    private static String heard(List<String> log) throws IOException {
        if (!log.equals(CONVERSATION)) {
            throw new IOException("The server said " + log + " instead of " + CONVERSATION);
        }
        return "the server said " + String.join(", ", log);
    }

    private String runRaggedEnd(Path folder) throws IOException {
        TourCertificate certificate = certificate(folder);
        TlsOptions strict = TlsOptions.defaults().withTrust(certificate.trust());
        return TaskGroup.call(group -> {
            try (var server = new ServerSocket(0, 2, InetAddress.ofLiteral(TourRows.HOST))) {
                group.fork(() -> {
                    sendAndVanish(server, certificate);
                    sendAndVanish(server, certificate);
                });
                String told = RaggedEnd.receiveAll(TourRows.HOST, server.getLocalPort(), strict);
                if (!told.startsWith("Hello, then io.bobbinet.stream.BrokenResourceException")) {
                    throw new IOException("A cut connection passed for " + TourRows.quote(told));
                }
                String leniently =
                        RaggedEnd.receiveAll(TourRows.HOST, server.getLocalPort(), strict.withEnd(TlsEnd.LENIENT));
                TourRows.expect("Hello, then the end", leniently);
                return TourRows.quote(told) + ", and leniently " + TourRows.quote(leniently);
            }
        });
    }

    // -- servers

    private static ThrowingConsumer<Readiness<InetSocketAddress>, IOException> serve(TourCertificate certificate) {
        return readiness -> TlsServer.serve(TourRows.HOST, 0, certificate.identity(), readiness);
    }

    private static ThrowingConsumer<Readiness<InetSocketAddress>, IOException> serveStartTls(
            TourCertificate certificate, List<String> log) {
        return readiness -> StartTlsServer.serve(TourRows.HOST, 0, certificate.identity(), log::add, readiness);
    }

    // -- the JDK's own TLS

    private static SSLSocket secure(TourCertificate certificate, Socket socket) throws IOException {
        return (SSLSocket)
                certificate.context().getSocketFactory().createSocket(socket, TourRows.HOST, socket.getPort(), true);
    }

    /** Ends the connection below TLS, which then cannot say that it ends. */
    private static void sendAndVanish(ServerSocket server, TourCertificate certificate) throws IOException {
        try (Socket socket = server.accept()) {
            SSLSocket secure = (SSLSocket)
                    certificate.context().getSocketFactory().createSocket(socket, null, socket.getPort(), false);
            secure.setUseClientMode(false);
            secure.getOutputStream().write("Hello".getBytes(UTF_8));
        }
    }
}

package io.bobbinet.tests.packet;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixListener;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.Certificates;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Path;

/** What packets may travel over, and two ends of it. */
enum StreamKind {
    MEMORY,
    TCP,
    UNIX,
    DESCRIPTORS,
    TLS,
    BUFFERED;

    private static final char[] PASSWORD = "secret".toCharArray();

    /** Good for both sides, towards localhost; made when it is first needed. */
    private static final class Options {
        static final Certificates AUTHORITY = Certificates.authority("Authority of the packet tests");
        static final TlsOptions OPTIONS = TlsOptions.defaults()
                .withIdentity(
                        TlsIdentity.ofKeyStore(AUTHORITY.issue("localhost").keyStore(PASSWORD), PASSWORD))
                .withTrust(TlsTrust.ofKeyStore(AUTHORITY.trustStore()))
                .withServerName("localhost");
    }

    StreamPair<? extends ByteStream> open(Path folder) throws IOException {
        return switch (this) {
            case MEMORY -> MemoryByteStream.pair();
            case TCP -> tcp();
            case UNIX -> unix(folder);
            case DESCRIPTORS -> descriptors(folder);
            case TLS -> tls();
            case BUFFERED -> {
                StreamPair<? extends ByteStream> below = unix(folder);
                yield new StreamPair<>(BufferedByteStream.over(below.left()), BufferedByteStream.over(below.right()));
            }
        };
    }

    private static StreamPair<? extends ByteStream> tcp() throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            var client = Tcp.connect("127.0.0.1", listener.localAddress().getPort());
            return new StreamPair<>(client, listener.accept());
        }
    }

    private static StreamPair<? extends ByteStream> unix(Path folder) throws IOException {
        Path path = folder.resolve("pair");
        try (UnixListener listener = Unix.binder(path).withDeleteOnClose().listen()) {
            var client = Unix.connect(path);
            return new StreamPair<>(client, listener.accept());
        }
    }

    /** Plain streams where the backend has none with descriptors. */
    private static StreamPair<? extends ByteStream> descriptors(Path folder) throws IOException {
        if (!Backends.current().capabilities().contains(Capability.DESCRIPTORS)) {
            return unix(folder);
        }
        Path path = folder.resolve("pair");
        try (UnixListener listener = Unix.binder(path).withDeleteOnClose().listen()) {
            var client = Unix.connector(path).withDescriptors().connect();
            return new StreamPair<>(client, listener.accept().withDescriptors());
        }
    }

    private static StreamPair<? extends ByteStream> tls() throws IOException {
        StreamPair<? extends ByteStream> below = tcp();
        return TaskGroup.<StreamPair<ByteStream>, IOException>call(group -> {
            Task<ByteStream> accepted = group.fork(() -> Tls.server(below.right(), Options.OPTIONS));
            ByteStream left = Tls.client(below.left(), Options.OPTIONS);
            return new StreamPair<>(left, accepted.join());
        });
    }
}

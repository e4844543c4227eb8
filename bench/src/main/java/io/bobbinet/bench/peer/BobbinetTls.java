package io.bobbinet.bench.peer;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Ours, as a user would write it, on the backend in force. */
final class BobbinetTls implements TlsPeer {
    private final AtomicLong received = new AtomicLong();
    private final TlsWork work;
    private final TlsOptions options;
    private @Nullable TlsStream connected;

    private BobbinetTls(Path keys, TlsWork work) throws Exception {
        this.work = work;
        this.options = TlsOptions.defaults()
                .withContext(TlsKeys.context(keys))
                .withProtocols(PROTOCOL)
                .withCipherSuites(CIPHER_SUITE);
    }

    public static void main(String[] arguments) throws Exception {
        BobbinetTls peer = new BobbinetTls(Path.of(arguments[0]), TlsWork.valueOf(arguments[1]));
        TcpListener below = Tcp.binder("127.0.0.1", 0).listen();
        Thread.ofPlatform().daemon().start(() -> peer.serve(Tls.listener(below, peer.options)));
        TlsPeer.obey(peer, below.localAddress().getPort());
    }

    private void serve(Listener<TlsStream> listener) {
        try {
            listener.serve(this::receive);
        } catch (IOException e) {
            e.printStackTrace();
        }
    }

    private void receive(TlsStream client) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        try {
            while (true) {
                received.setRelease(received.getPlain() + client.receive(buffer));
                if (work.isEchoed()) {
                    client.send(buffer.flip());
                }
                buffer.clear();
            }
        } catch (EndOfStreamException e) {
            // The client is done.
        }
    }

    @Override
    public String connect(int port) throws IOException {
        TlsStream stream = Tls.client(Tcp.connect("127.0.0.1", port), options.withServerName("localhost"));
        connected = stream;
        return stream.find(TlsAttributes.PROTOCOL).orElseThrow() + " "
                + stream.find(TlsAttributes.CIPHER_SUITE).orElseThrow();
    }

    @Override
    public long run(Duration time) throws Exception {
        TlsStream stream = connected;
        return TaskGroup.<Long, IOException>call(
                group -> group.fork(() -> work.isEchoed() ? exchange(stream, time) : send(stream, time))
                        .join());
    }

    private long send(TlsStream stream, Duration time) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(work.size());
        long end = System.nanoTime() + time.toNanos();
        long sent = 0;
        while (sent % BATCH != 0 || System.nanoTime() - end < 0) {
            stream.send(message.clear());
            sent++;
        }
        return sent;
    }

    private long exchange(TlsStream stream, Duration time) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(work.size());
        ByteBuffer answer = ByteBuffer.allocate(BUFFER);
        long end = System.nanoTime() + time.toNanos();
        long sent = 0;
        do {
            stream.send(message.clear());
            sent++;
            answer.clear();
            while (answer.position() < work.size()) {
                stream.receive(answer);
            }
        } while (System.nanoTime() - end < 0);
        return sent;
    }

    @Override
    public AtomicLong received() {
        return received;
    }
}

package io.bobbinet.bench.peer;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * Measures the heap that an end of an idle TLS connection takes: with our TLS over our TCP, with our TCP alone and with
 * the JDK's engine alone. What is left when the last two are taken from the first is the price of our layer.
 *
 * <p>An idle connection has carried a byte each way. It is measured as it lies there, and with a task for each end that
 * waits in a receive, as a server's do: its stack lies in the heap too, and is deeper with TLS. Everything is done twice and
 * counts the second time, since the stack of compiled code is smaller.
 */
final class TlsIdleHeap {
    private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    private final SSLContext context;
    private final int connections;

    private TlsIdleHeap(SSLContext context, int connections) {
        this.context = context;
        this.connections = connections;
    }

    public static void main(String[] arguments) throws Exception {
        int connections = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2000;
        Path folder = Files.createTempDirectory("bobbinet-bench");
        Path keys = TlsKeys.make(folder);
        SSLContext context;
        try {
            context = TlsKeys.context(keys);
        } finally {
            Files.delete(keys);
            Files.delete(folder);
        }
        // Else the cache would keep the session of each ticket, which is no part of the connection.
        context.getClientSessionContext().setSessionCacheSize(1);
        context.getServerSessionContext().setSessionCacheSize(1);
        new TlsIdleHeap(context, connections).run();
    }

    private void run() throws Exception {
        engines();
        long engine = engines();
        System.out.printf("Heap in bytes for each end of %d idle connections%n%n", connections);
        System.out.println("| a task waits | ours, TLS | ours, TCP | JDK's engine | left for our TLS |");
        System.out.println("|--------------|----------:|----------:|-------------:|-----------------:|");
        for (boolean waiting : new boolean[] {false, true}) {
            tcp(waiting);
            long tcp = tcp(waiting);
            tls(waiting);
            long tls = tls(waiting);
            System.out.printf(
                    "| %-12s | %9d | %9d | %12d | %16d |%n",
                    waiting ? "yes" : "no", tls, tcp, engine, tls - tcp - engine);
        }
    }

    private long engines() throws Exception {
        EnginePair.Wire wire = new EnginePair.Wire();
        List<EnginePair> pairs = new ArrayList<>(connections);
        long before = used();
        for (int i = 0; i < connections; i++) {
            pairs.add(EnginePair.handshaken(context, 1, wire));
        }
        return (used() - before) / (2L * pairs.size());
    }

    private long tcp(boolean waiting) throws Exception {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            int port = listener.localAddress().getPort();
            return streams(listener, Tcp.connector("127.0.0.1", port), waiting);
        }
    }

    private long tls(boolean waiting) throws Exception {
        TlsOptions options = TlsOptions.defaults()
                .withContext(context)
                .withProtocols(TlsPeer.PROTOCOL)
                .withCipherSuites(TlsPeer.CIPHER_SUITE)
                .withServerName("localhost");
        TcpListener below = Tcp.listen("127.0.0.1", 0);
        try (Listener<? extends ByteStream> listener = Tls.listener(below, options)) {
            int port = below.localAddress().getPort();
            return streams(listener, Tls.connector(Tcp.connector("127.0.0.1", port), options), waiting);
        }
    }

    private long streams(
            Listener<? extends ByteStream> listener, Connector<? extends ByteStream> connector, boolean waiting)
            throws Exception {
        List<ByteStream> ends = new ArrayList<>(2 * connections);
        List<Task<?>> tasks = new ArrayList<>(2 * connections);
        long before = used();
        try {
            return TaskGroup.call(group -> {
                open(listener, connector, group, ends);
                if (waiting) {
                    ends.forEach(end -> tasks.add(group.fork(() -> end.receive(1024))));
                    while (tasks.stream().anyMatch(task -> task.waitsAt().isEmpty())) {
                        Thread.sleep(1);
                    }
                }
                long heap = (used() - before) / ends.size();
                tasks.forEach(Task::cancel);
                return heap;
            });
        } finally {
            for (ByteStream end : ends) {
                end.close();
            }
        }
    }

    /** Opens connections and has a byte go each way over every one, a client's after the other. */
    private void open(
            Listener<? extends ByteStream> listener,
            Connector<? extends ByteStream> connector,
            TaskGroup group,
            List<ByteStream> ends)
            throws IOException {
        List<ByteStream> accepted = new ArrayList<>(connections);
        Task<?> accepting = group.fork(() -> {
            for (int i = 0; i < connections; i++) {
                ByteStream server = listener.accept();
                accepted.add(server);
                server.send(server.receive(1));
            }
        });
        for (int i = 0; i < connections; i++) {
            ByteStream client = connector.connect();
            ends.add(client);
            client.send(new byte[1]);
            client.receive(1);
        }
        accepting.await();
        ends.addAll(accepted);
    }

    /** The heap in use once nothing more can be freed. */
    private long used() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            System.gc();
            Thread.sleep(100);
            least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}

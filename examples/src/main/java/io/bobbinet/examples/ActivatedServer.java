package io.bobbinet.examples;

import io.bobbinet.net.Activation;
import io.bobbinet.net.Supervisor;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.UnixListener;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.util.Set;

/** An echo server that a service manager starts with the first connection, or that is started by hand. */
public final class ActivatedServer {
    private ActivatedServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws Exception {
        // @start region="activation"
        try (var activation = Activation.take()) { // closes what is not opened below
            TaskGroup.run(group -> {
                for (var descriptor : activation.named("local")) { // FileDescriptorName=local
                    UnixListener listener = descriptor.asUnixListener();
                    group.fork(() -> serve(listener));
                }
                for (var descriptor : activation.named("web")) {
                    TcpListener listener = descriptor.asTcpListener();
                    group.fork(() -> serve(listener));
                }
                if (activation.isEmpty()) { // started by hand
                    TcpListener listener = Tcp.listen(1234);
                    group.fork(() -> serve(listener));
                } else if (!Set.of("local", "web").containsAll(activation.names())) {
                    throw new IOException("Sockets of other names came: " + activation.names());
                }
                // @start region="ready"
                Supervisor.notify(Supervisor.READY); // for Type=notify; does nothing elsewhere
                // @end region="ready"
            });
        }
        // @end region="activation"
    }

    /** Echoes until the process ends. */
    private static void serve(Listener<? extends ByteStream> listener) throws IOException {
        try (listener) {
            listener.serve(client -> client.forEach(client::send));
        }
    }
}

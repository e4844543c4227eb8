package io.bobbinet.tests.tls;

import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.security.Security;

/**
 * One side or both of a connection whose keys are good for a mebibyte only, in a JVM of its own since the JDK reads that limit
 * once. {@link KeyLimitTest} starts it. The JDK tells on the standard error of each key update that it sends.
 */
final class KeyLimitProgram {
    private static final int LINE = 10_000;

    /** Few enough key updates that all may be pending at once: more than 16 would be taken for an attack. */
    private static final int SIZE = 400 * LINE;

    private KeyLimitProgram() {}

    /** Role, port, files of the authority and of the server. */
    public static void main(String[] arguments) throws IOException {
        Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 2^20");
        System.setProperty("javax.net.debug", "ssl:handshake");
        TlsOptions options = TlsOptions.defaults()
                .withTrust(TlsTrust.only(Path.of(arguments[2])))
                .withIdentity(TlsIdentity.ofPem(Path.of(arguments[3])))
                .withProtocols("TLSv1.3");
        switch (arguments[0]) {
            case "server" -> serve(options);
            case "client" -> connect(Integer.parseInt(arguments[1]), options);
            case "both" -> talkToSelf(options);
            case "one way" -> sendToSelf(options);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("passed");
    }

    private static void serve(TlsOptions options) throws IOException {
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, options)) {
            System.out.println(OpensslPeer.port(listener));
            try (TlsStream stream = listener.accept()) {
                echo(stream);
            }
        }
    }

    private static void connect(int port, TlsOptions options) throws IOException {
        try (TlsStream stream = Tls.connect("127.0.0.1", port, options)) {
            // It sends back each line, reversed.
            TaskGroup.run(group -> {
                group.fork(() -> send(stream));
                group.fork(() -> receive(stream));
            });
        }
    }

    private static void echo(TlsStream stream) throws IOException {
        try {
            while (true) {
                stream.send(stream.receive());
            }
        } catch (EndOfStreamException e) {
            // That was all.
        }
    }

    private interface Talk {
        void between(TlsStream client, TlsStream server, TaskGroup group);
    }

    private static void talkToSelf(TlsOptions options) throws IOException {
        connected(options, (client, server, group) -> {
            group.fork(() -> send(client));
            group.fork(() -> send(server));
            group.fork(() -> receive(client));
            group.fork(() -> receive(server));
        });
    }

    private static void sendToSelf(TlsOptions options) throws IOException {
        connected(options, (client, server, group) -> {
            group.fork(() -> send(client));
            group.fork(() -> receive(server));
        });
    }

    private static void connected(TlsOptions options, Talk talk) throws IOException {
        try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, options)) {
            TaskGroup.run(group -> {
                Task<TlsStream> connecting =
                        group.fork(() -> Tls.connect("127.0.0.1", OpensslPeer.port(listener), options));
                try (TlsStream server = listener.accept()) {
                    server.handshake();
                    try (TlsStream client = connecting.join()) {
                        TaskGroup.run(inner -> talk.between(client, server, inner));
                    }
                }
            });
        }
    }

    private static void send(TlsStream stream) throws IOException {
        byte[] line = new byte[LINE];
        for (int i = 0; i < LINE; i++) {
            line[i] = at(i);
        }
        for (int sent = 0; sent < SIZE; sent += LINE) {
            stream.send(line);
        }
    }

    private static void receive(TlsStream stream) throws IOException {
        int received = 0;
        while (received < SIZE) {
            for (byte b : stream.receive()) {
                if (b != at(received++)) {
                    throw new IOException("Byte " + received + " is not the one that was sent");
                }
            }
        }
    }

    /** Lines that read the same both ways. */
    private static byte at(int position) {
        int i = position % LINE;
        return (byte) (i == LINE - 1 ? '\n' : 'a' + Math.min(i, LINE - 2 - i) % 26);
    }
}

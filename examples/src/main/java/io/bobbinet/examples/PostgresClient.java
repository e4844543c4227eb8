package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.Closeable;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A client of a PostgreSQL server, which speaks a plain protocol until it is asked for TLS: the password never leaves this
 * process, and the proof that we know it is good for this TLS connection alone. Usage: {@code PostgresClient HOST USER PASSWORD CA}
 */
public final class PostgresClient implements Closeable {
    private static final int SSL_REQUEST = 80877103;
    private static final int VERSION = 3 << 16;
    private static final int LONGEST = 1 << 20;

    private static final int LOGGED_IN = 0;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    private final BufferedByteStream server;

    private PostgresClient(BufferedByteStream server) {
        this.server = server;
    }

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        var options = TlsOptions.defaults().withTrust(TlsTrust.only(Path.of(args[3])));
        CancelScope.failAfter(ofSeconds(30), "talking to " + args[0]).run(() -> {
            try (var client = connect(args[0], 5432, options, args[1], args[2])) {
                client.query("SELECT version()").forEach(row -> System.out.println(String.join(" | ", row)));
            }
        });
    }

    /** Connects, goes over to TLS, and logs in. */
    public static PostgresClient connect(String host, int port, TlsOptions options, String user, String password)
            throws IOException {
        var client = new PostgresClient(BufferedByteStream.over(Tcp.connect(host, port)));
        try {
            client.secure(options.withServerName(host));
            client.logIn(user, password);
            return client;
        } catch (Throwable t) {
            client.server.close();
            throw t;
        }
    }

    // @start region="upgrade"
    private void secure(TlsOptions options) throws IOException {
        server.send(ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).flip());
        if (server.receiveExactly(1)[0] != 'S') {
            throw new ProtocolException("The server has no TLS");
        }
        server.upgrade(below -> Tls.client(below, options)); // what came behind the S can only be TLS
    }
    // @end region="upgrade"

    // -- logging in

    private void logIn(String user, String password) throws IOException {
        byte[] wish = strings("user", user, "database", "postgres", "");
        server.send(ByteBuffer.allocate(8 + wish.length)
                .putInt(8 + wish.length)
                .putInt(VERSION)
                .put(wish)
                .flip());
        prove(user, password, authentication(SASL));
        while (receive().type != 'Z') {
            // Keys for cancelling: we close instead.
        }
    }

    // @start region="binding"
    private void prove(String user, String password, ByteBuffer mechanisms) throws IOException {
        if (!Arrays.asList(text(mechanisms).split("\0")).contains("SCRAM-SHA-256-PLUS")) {
            throw new ProtocolException("The server cannot bind a login to its TLS connection");
        }
        byte[] binding = server.find(TlsAttributes.SERVER_END_POINT_BINDING).orElseThrow();
        var scram = Scram.bound("tls-server-end-point", binding, user, nonce());
        byte[] first = scram.first().getBytes(UTF_8);
        send('p', strings("SCRAM-SHA-256-PLUS"), integer(first.length), first);
        send('p', scram.proof(text(authentication(SASL_CONTINUE)), password).getBytes(UTF_8));
        scram.check(text(authentication(SASL_FINAL)));
        authentication(LOGGED_IN);
    }
    // @end region="binding"

    private ByteBuffer authentication(int wanted) throws IOException {
        var message = receive();
        int step = message.type == 'R' ? message.body.getInt() : -1;
        if (step != wanted) {
            throw new ProtocolException("The server wants to go on with " + message.type + " " + step);
        }
        return message.body;
    }

    private static String nonce() {
        byte[] random = new byte[18];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }

    // -- asking

    /** {@return the rows that a query gives, each value as text} A failure leaves the client of no use. */
    public List<List<String>> query(String sql) throws IOException {
        send('Q', strings(sql));
        var rows = new ArrayList<List<String>>();
        while (true) {
            var message = receive();
            switch (message.type) {
                case 'D' -> rows.add(row(message.body));
                case 'Z' -> {
                    return rows;
                }
                default -> {} // the names of the columns, and how many rows there were
            }
        }
    }

    private static List<String> row(ByteBuffer body) {
        var values = new ArrayList<String>();
        int count = body.getShort();
        for (int i = 0; i < count; i++) {
            int length = body.getInt();
            if (length < 0) {
                values.add("NULL");
            } else {
                byte[] value = new byte[length];
                body.get(value);
                values.add(new String(value, UTF_8));
            }
        }
        return values;
    }

    /** Says goodbye and closes the connection. */
    @Override
    public void close() throws IOException {
        try (server) {
            send('X');
        }
    }

    // -- messages: a type, a length that counts itself, a body

    private record Message(char type, ByteBuffer body) {}

    private Message receive() throws IOException {
        while (true) {
            var head = ByteBuffer.wrap(server.receiveExactly(5));
            char type = (char) head.get();
            int length = head.getInt() - Integer.BYTES;
            if (length < 0 || length > LONGEST) {
                throw new ProtocolException("A message of " + length + " bytes");
            }
            var body = ByteBuffer.wrap(server.receiveExactly(length));
            switch (type) {
                case 'E' ->
                    throw new ProtocolException("The server says: " + text(body).replace('\0', ' '));
                case 'N', 'S' -> {} // notices, and how the server is set up
                default -> {
                    return new Message(type, body);
                }
            }
        }
    }

    private void send(char type, byte[]... parts) throws IOException {
        int length = Integer.BYTES
                + Arrays.stream(parts).mapToInt(part -> part.length).sum();
        var message = ByteBuffer.allocate(1 + length).put((byte) type).putInt(length);
        for (byte[] part : parts) {
            message.put(part);
        }
        server.send(message.flip());
    }

    private static byte[] strings(String... texts) {
        return (String.join("\0", texts) + "\0").getBytes(UTF_8);
    }

    private static byte[] integer(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static String text(ByteBuffer rest) {
        return UTF_8.decode(rest).toString();
    }
}

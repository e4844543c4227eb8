package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.TextStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsOptions;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends a mail by SMTP (RFC 5321), encrypted (STARTTLS, RFC 3207) or not at all. Usage:
 * {@code SecureMail HOST FROM TO < MESSAGE}
 */
public final class SecureMail {
    private final TextStream server;

    private SecureMail(TextStream server) {
        this.server = server;
    }

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        var message = new String(System.in.readAllBytes(), UTF_8);
        CancelScope.failAfter(ofSeconds(60), "talking to " + args[0])
                .run(() -> send(args[0], 587, TlsOptions.defaults(), args[1], args[2], message));
    }

    // @start region="send"
    /** Sends a message, its header included, from one address to another. */
    public static void send(String host, int port, TlsOptions options, String from, String to, String message)
            throws IOException {
        try (var connection = BufferedByteStream.over(Tcp.connect(host, port))) {
            var mail = new SecureMail(TextStream.over(connection, UTF_8)); // shares the buffer of the connection
            mail.receiveReply("220");
            if (!mail.ask("EHLO client.example", "250").contains("STARTTLS")) {
                throw new ProtocolException(host + " offers no STARTTLS, and is told nothing without");
            }
            mail.ask("STARTTLS", "220");
            connection.upgrade(below -> Tls.client(below, host, options));
            mail.ask("EHLO client.example", "250"); // what was said before TLS may have come from anybody
            mail.ask("MAIL FROM:<" + from + ">", "250");
            mail.ask("RCPT TO:<" + to + ">", "250");
            mail.ask("DATA", "354");
            for (var line : message.lines().toList()) {
                mail.server.send((line.startsWith(".") ? "." : "") + line + "\r\n");
            }
            mail.ask(".", "250");
            mail.ask("QUIT", "221");
        }
    }
    // @end region="send"

    private List<String> ask(String command, String code) throws IOException {
        if (command.contains("\n") || command.contains("\r")) {
            throw new IllegalArgumentException("No command can have more than a line: " + command);
        }
        server.send(command + "\r\n");
        return receiveReply(code);
    }

    /** Receives a reply of one or more lines: {@code 250-FIRST}, {@code 250-SECOND}, {@code 250 LAST}. */
    private List<String> receiveReply(String code) throws IOException {
        var lines = new ArrayList<String>();
        while (true) {
            var line = server.receiveLine(512);
            if (!line.startsWith(code)) {
                throw new ProtocolException("The server says: " + line);
            }
            lines.add(line.length() > 4 ? line.substring(4) : "");
            if (!line.startsWith(code + "-")) {
                return lines;
            }
        }
    }
}

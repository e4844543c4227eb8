package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.time.Duration.ofSeconds;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.TextStream;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;

/** A client of a line protocol: asks a mail server what it can do (SMTP, RFC 5321). Usage: {@code MailGreeting HOST}. */
public final class MailGreeting {
    private MailGreeting() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        extensions(args[0], 25).forEach(System.out::println);
    }

    /** {@return the extensions that a mail server offers} */
    public static List<String> extensions(String host, int port) throws IOException {
        return CancelScope.failAfter(ofSeconds(30), "talking to " + host).call(() -> {
            try (var server = TextStream.over(Tcp.connect(host, port), US_ASCII)) {
                receiveReply(server, "220");
                server.send("EHLO client.example\r\n");
                var reply = receiveReply(server, "250");
                server.send("QUIT\r\n");
                receiveReply(server, "221");
                return reply.subList(1, reply.size()); // the first line is the server's name
            }
        });
    }

    /** Receives a reply of one or more lines: {@code 250-FIRST}, {@code 250-SECOND}, {@code 250 LAST}. */
    private static List<String> receiveReply(TextStream server, String code) throws IOException {
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

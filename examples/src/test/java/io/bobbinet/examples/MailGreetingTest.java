package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.task.TaskGroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MailGreetingTest {

    @Test
    void tellsTheExtensionsOfAServer() throws IOException {
        TaskGroup.run(group -> {
            try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                group.fork(() -> playServer(server));
                assertThat(MailGreeting.extensions("127.0.0.1", server.getLocalPort()))
                        .containsExactly("SIZE 35882577", "8BITMIME", "STARTTLS");
            }
        });
    }

    private static void playServer(ServerSocket server) throws IOException {
        try (Socket client = server.accept();
                var in = new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII))) {
            say(client, "220-mail.example\r\n220 no spam please\r\n");
            assertThat(in.readLine()).isEqualTo("EHLO client.example");
            say(client, "250-mail.example greets you\r\n250-SIZE 35882577\r\n250-8BITMIME\r\n250 STARTTLS\r\n");
            assertThat(in.readLine()).isEqualTo("QUIT");
            say(client, "221 bye\r\n");
        }
    }

    @Test
    void tellsWhatAServerSaysThatWantsNobody() throws IOException {
        TaskGroup.run(group -> {
            try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                group.fork(() -> {
                    try (Socket client = server.accept()) {
                        say(client, "554 not here\r\n");
                        client.getInputStream().read();
                    }
                });
                assertThatThrownBy(() -> MailGreeting.extensions("127.0.0.1", server.getLocalPort()))
                        .isInstanceOf(ProtocolException.class)
                        .hasMessage("The server says: 554 not here");
            }
        });
    }

    private static void say(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(US_ASCII));
    }
}

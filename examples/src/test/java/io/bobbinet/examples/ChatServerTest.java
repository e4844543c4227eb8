package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Tcp;
import io.bobbinet.task.TaskGroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ChatServerTest {

    @Test
    void everyGuestHearsEveryLine() throws IOException {
        TaskGroup.run(group -> {
            var server = group.<Integer>start(ready -> {
                try (var listener = Tcp.listen("127.0.0.1", 0)) {
                    ready.ready(listener.localAddress().getPort());
                    new ChatServer().serve(listener);
                }
            });
            try (var ada = new Guest(server.value(), "Ada")) {
                assertThat(ada.hears()).isEqualTo("Ada is here");
                try (var ben = new Guest(server.value(), "Ben")) {
                    assertThat(ben.hears()).isEqualTo("Ben is here");
                    ben.says("Good morning");
                    assertThat(ben.hears()).isEqualTo("Ben: Good morning");
                }
                assertThat(ada.hears()).isEqualTo("Ben is here");
                assertThat(ada.hears()).isEqualTo("Ben: Good morning");
                assertThat(ada.hears()).isEqualTo("Ben has left");
            }
            group.cancel();
        });
    }

    private static final class Guest implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;

        Guest(int port, String name) throws IOException {
            socket = new Socket("127.0.0.1", port);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            assertThat(hears()).isEqualTo("What is your name?");
            says(name);
        }

        String hears() throws IOException {
            return in.readLine();
        }

        void says(String line) throws IOException {
            socket.getOutputStream().write((line + "\r\n").getBytes(UTF_8)); // as telnet sends it
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}

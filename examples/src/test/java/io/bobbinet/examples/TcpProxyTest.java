package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Tcp;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TcpProxyTest {

    @Test
    void carriesBothDirectionsAndTheEndOfEach() throws IOException {
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            TaskGroup.run(group -> {
                var proxy = group.<Integer>start(ready -> {
                    try (var listener = Tcp.listen("127.0.0.1", 0)) {
                        ready.ready(listener.localAddress().getPort());
                        TcpProxy.serve(listener, Tcp.connector("127.0.0.1", server.getLocalPort()));
                    }
                });
                try (var client = new Socket("127.0.0.1", proxy.value());
                        var peer = server.accept()) {
                    client.getOutputStream().write("question".getBytes(UTF_8));
                    client.shutdownOutput();
                    assertThat(peer.getInputStream().readAllBytes()).isEqualTo("question".getBytes(UTF_8));
                    peer.getOutputStream().write("answer".getBytes(UTF_8));
                    peer.shutdownOutput();
                    assertThat(client.getInputStream().readAllBytes()).isEqualTo("answer".getBytes(UTF_8));
                }
                group.cancel();
            });
        }
    }
}

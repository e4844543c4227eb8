package io.bobbinet.bench.peer;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.EndOfStreamException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Ours, as a user would write it, on the backend in force. */
final class BobbinetEcho {
    private BobbinetEcho() {}

    public static void main(String[] arguments) throws IOException {
        try (TcpListener listener = Tcp.binder("127.0.0.1", 0).withBacklog(1024).listen()) {
            Peer.serving(listener.localAddress().getPort());
            listener.serve(BobbinetEcho::echo);
        }
    }

    private static void echo(TcpStream client) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Peer.BUFFER);
        try {
            while (true) {
                client.receive(buffer);
                client.send(buffer.flip());
                buffer.clear();
            }
        } catch (EndOfStreamException e) {
            // The client is done.
        }
    }
}

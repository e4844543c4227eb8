package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** A UDP socket of the JDK on loopback, with datagrams that are texts. */
final class UdpPeer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final DatagramSocket socket;

    UdpPeer() throws IOException {
        this(0);
    }

    UdpPeer(int port) throws IOException {
        socket = new DatagramSocket(port, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    /** A datagram that came. */
    record Received(String text, SocketAddress sender) {}

    int port() {
        return socket.getLocalPort();
    }

    void send(String text, int port) throws IOException {
        send(text, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    void send(String text, SocketAddress to) throws IOException {
        byte[] data = text.getBytes(UTF_8);
        socket.send(new DatagramPacket(data, data.length, to));
    }

    Received receive() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[1 << 16], 1 << 16);
        socket.receive(packet);
        return new Received(new String(packet.getData(), 0, packet.getLength(), UTF_8), packet.getSocketAddress());
    }

    /** Asks, and waits for the answer. */
    String ask(String text, int port) throws IOException {
        send(text, port);
        return receive().text();
    }

    @Override
    public void close() {
        socket.close();
    }
}

package io.bobbinet.tests.net;

import io.bobbinet.net.Activation;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * A program that a service manager starts with a UNIX datagram socket and a UDP socket. It sends back the bytes of each datagram
 * in reverse order, and ends when one is {@code end}.
 */
final class ActivatedDatagrams {
    private ActivatedDatagrams() {}

    public static void main(String[] arguments) throws IOException {
        try (Activation activation = Activation.take();
                UnixDatagramSocket unix = activation.descriptors().get(0).asUnixDatagramSocket();
                UdpSocket udp = activation.descriptors().get(1).asUdpSocket()) {
            TaskGroup.run(group -> {
                group.fork(() -> answer(unix, group));
                group.fork(() -> answer(udp, group));
            });
        }
    }

    private static <A extends SocketAddress> void answer(DatagramTransport<A> socket, TaskGroup group)
            throws IOException {
        socket.forEach(datagram -> {
            StringBuilder text = new StringBuilder(Sockets.text(datagram.data()));
            if (text.toString().equals("end")) {
                group.cancel("told to end");
            } else {
                socket.send(datagram.reply(Sockets.bytes(text.reverse().toString())));
            }
        });
    }
}

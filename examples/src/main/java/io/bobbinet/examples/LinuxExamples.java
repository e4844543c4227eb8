package io.bobbinet.examples;

import io.bobbinet.net.ForeignDescriptors;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntConsumer;

/** What only Linux has. */
public final class LinuxExamples {
    private LinuxExamples() {}

    /** {@return a connection that is given up when the peer has acknowledged nothing for ten seconds} */
    public static TcpStream connect(String host, int port) throws IOException {
        // @start region="raw-option"
        var userTimeout = LinuxOptions.of("TCP_USER_TIMEOUT", 6, 18, Integer.BYTES); // IPPROTO_TCP, <netinet/tcp.h>
        byte[] tenSeconds = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(10_000)
                .array();
        return Tcp.connector(host, port).withOption(userTimeout, tenSeconds).connect();
        // @end region="raw-option"
    }

    /** {@return how a connection is doing, in a line} */
    public static String describe(TcpStream stream) throws IOException {
        // @start region="tcp-info"
        var info = stream.info();
        return "%s, %d us round trip, %d segments sent again, %d bytes acknowledged"
                .formatted(info.state(), info.rtt().toNanos() / 1_000, info.totalRetransmits(), info.bytesAcked());
        // @end region="tcp-info"
    }

    /** Lets a library that has its own sockets work whenever there is work. */
    public static void drive(int descriptor, IntConsumer library) throws IOException {
        // @start region="foreign-wait"
        while (true) {
            ForeignDescriptors.awaitReadable(descriptor); // until cancelled, or until the owner calls notifyClosing
            library.accept(descriptor); // reads by itself
        }
        // @end region="foreign-wait"
    }
}

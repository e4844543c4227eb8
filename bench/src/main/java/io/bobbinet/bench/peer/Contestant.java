package io.bobbinet.bench.peer;

import java.util.ArrayList;
import java.util.List;

/**
 * A server that can be measured.
 *
 * @param name what it is called in the table
 * @param meaning what that is
 * @param mainClass its class, on the class path of the benchmarks
 * @param options what its JVM gets beside what all get
 */
record Contestant(String name, String meaning, Class<?> mainClass, List<String> options) {
    /** What the others are divided by. */
    static final Contestant REFERENCE = new Contestant(
            "channel", "the JDK's blocking SocketChannel on virtual threads", ChannelEcho.class, List.of());

    private static final List<Contestant> ALL = List.of(
            REFERENCE,
            new Contestant(
                    "nio", "Bobbinet on its nio backend", BobbinetEcho.class, List.of("-Dio.bobbinet.backend=nio")),
            new Contestant(
                    "linux",
                    "Bobbinet on its linux backend, with native access alone",
                    BobbinetEcho.class,
                    List.of("-Dio.bobbinet.backend=linux", "--enable-native-access=ALL-UNNAMED")));

    private static final List<Contestant> TLS = List.of(
            new Contestant("netty-nio", "Netty's SslHandler on NIO", NettyTls.class, netty("nio")),
            new Contestant("netty-epoll", "Netty's SslHandler on its epoll transport", NettyTls.class, netty("epoll")),
            new Contestant(
                    "nio", "Bobbinet on its nio backend", BobbinetTls.class, List.of("-Dio.bobbinet.backend=nio")),
            new Contestant(
                    "linux",
                    "Bobbinet on its linux backend, with native access alone",
                    BobbinetTls.class,
                    List.of("-Dio.bobbinet.backend=linux", "--enable-native-access=ALL-UNNAMED")));

    private static final List<Contestant> UDP = List.of(
            new Contestant("channel", "the JDK's DatagramChannel: send, receive", ChannelUdp.class, List.of()),
            new Contestant(
                    "channel-rw",
                    "the JDK's DatagramChannel, connected: write, read",
                    ChannelUdp.class,
                    List.of(ChannelUdp.CONNECTED)),
            new Contestant(
                    "channel-vt",
                    "the JDK's DatagramChannel on virtual threads: send, receive",
                    ChannelUdp.class,
                    List.of(ChannelUdp.VIRTUAL)),
            new Contestant(
                    "nio", "Bobbinet on its nio backend", BobbinetUdp.class, List.of("-Dio.bobbinet.backend=nio")),
            new Contestant(
                    "linux",
                    "Bobbinet on its linux backend, with native access alone",
                    BobbinetUdp.class,
                    List.of("-Dio.bobbinet.backend=linux", "--enable-native-access=ALL-UNNAMED")));

    private static final List<Contestant> PACKETS = List.of(
            new Contestant(
                    "netty-epoll",
                    "LineBasedFrameDecoder on Netty's epoll transport",
                    NettyPackets.class,
                    netty("epoll")),
            new Contestant(
                    "nio", "Bobbinet on its nio backend", BobbinetPackets.class, List.of("-Dio.bobbinet.backend=nio")),
            new Contestant(
                    "linux",
                    "Bobbinet on its linux backend, with native access alone",
                    BobbinetPackets.class,
                    List.of("-Dio.bobbinet.backend=linux", "--enable-native-access=ALL-UNNAMED")));

    /** What Netty needs to use its fast ways, and without warnings: we measure ourselves against its best. */
    private static List<String> netty(String transport) {
        return List.of(
                "-Dio.bobbinet.bench.netty=" + transport,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED");
    }

    /** The echo servers. */
    static List<Contestant> all() {
        return ALL;
    }

    /** Those of {@link TlsComparison}. */
    static List<Contestant> tls() {
        return TLS;
    }

    /** Those of {@link UdpComparison}. */
    static List<Contestant> udp() {
        return UDP;
    }

    /** Those of {@link PacketComparison}. */
    static List<Contestant> packets() {
        return PACKETS;
    }

    static Contestant named(String name, List<Contestant> field) {
        return field.stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no server is named " + name));
    }

    /** The same server with further options for its JVM; a class path among them makes it another build. */
    Contestant with(String newName, List<String> further) {
        List<String> joined = new ArrayList<>(options);
        joined.addAll(further);
        return new Contestant(newName, name + " with " + String.join(" ", further), mainClass, joined);
    }
}

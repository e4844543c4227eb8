package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --codec}, and {@code bobbinet call}. */
@Timeout(60)
class PacketCommandTest {
    private static final String DOCUMENT = "{\"a\":[1,-2.5,\"\u00e9\",null,true],\"b\":{\"c\":12345678901234567890}}";

    @TempDir
    private Path folder;

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    // -- call and echo

    @ParameterizedTest
    @ValueSource(strings = {"line", "json", "cbor", "msgpack"})
    void callPrintsThePacketThatComesBack(String codec) throws Exception {
        try (var echo = CommandProcess.start("echo", "--codec", codec, "tcp://127.0.0.1:0", "udp://127.0.0.1:0")) {
            for (String uri : new String[] {echo.awaitListening(), echo.awaitListening()}) {
                try (var call = CommandProcess.start("call", "--codec", codec, uri, DOCUMENT)) {
                    assertThat(call.readAll()).isEqualTo(DOCUMENT + "\n");
                    call.assertEnds();
                }
            }
            echo.signal("TERM").assertEnds();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "line, 7b7d0a", // {} and a line feed
        "json, 7b7d0a",
        "cbor, a0",
        "msgpack, 80"
    })
    void packetsAreWhatTheCodecSays(String codec, String wire) throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var call = CommandProcess.start(
                        "call", "--codec", codec, "tcp://127.0.0.1:" + server.getLocalPort(), "{}");
                Socket client = server.accept()) {
            byte[] packet = client.getInputStream().readNBytes(wire.length() / 2);
            assertThat(packet).isEqualTo(hex(wire));
            client.getOutputStream().write(packet);
            assertThat(call.readAll()).isEqualTo("{}\n");
            call.assertEnds();
        }
    }

    @Test
    void callSendsALineUnlessToldOtherwise() throws Exception {
        try (var echo = CommandProcess.start("echo", "unix://" + folder.resolve("echo"));
                var call = CommandProcess.start("call", echo.awaitListening(), "hello")) {
            assertThat(call.readAll()).isEqualTo("hello\n");
            call.assertEnds();
        }
    }

    @Test
    void callFailsIfNoPacketComes() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String uri = "tcp://127.0.0.1:" + server.getLocalPort();
            try (var call = CommandProcess.start("call", uri, "hello")) {
                server.accept().close();
                assertThat(call.awaitExit()).isEqualTo(1);
            }
            try (var call = CommandProcess.start("call", uri, "hello");
                    Socket client = server.accept()) {
                client.getInputStream().readNBytes(6);
                client.shutdownOutput();
                call.assertFails(1, uri + " has ended the connection and sent no packet");
            }
            try (var call = CommandProcess.start("call", "--timeout", "2s", uri, "hello");
                    Socket client = server.accept()) {
                call.assertFails(1, "was idle for 2s");
                assertThat(client.isClosed()).isFalse(); // it was not this side that has ended it
            }
            try (var call = CommandProcess.start("call", "--codec", "json", uri, "{}");
                    Socket client = server.accept()) {
                client.getOutputStream().write("{]\n".getBytes(UTF_8));
                call.assertFails(1, "What came from " + uri + " is no packet: JSON lines: ");
            }
        }
        try (var silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var call = CommandProcess.start(
                        "call", "--timeout", "100ms", "udp://127.0.0.1:" + silent.getLocalPort(), "hello")) {
            call.assertFails(1, "No packet came from udp://", "within 100ms");
        }
    }

    @Test
    void whatIsNoJsonIsNotSent() throws Exception {
        try (var call = CommandProcess.start("call", "--codec", "msgpack", "tcp://127.0.0.1:1", "{\"a\":")) {
            call.assertFails(1, "Cannot send '{\"a\":', it is no JSON: ");
        }
    }

    @Test
    void codecsHaveNames() throws Exception {
        try (var echo = CommandProcess.start("echo", "--codec", "xml", "tcp://127.0.0.1:0")) {
            echo.assertFails(2, "'xml' is no codec; there are line, json, cbor, msgpack", "bobbinet echo --help");
        }
    }

    // -- malformed packets

    @Test
    void echoTellsOfMalformedPacketsAndGoesOn() throws Exception {
        try (var echo = CommandProcess.start("echo", "--verbose", "--codec", "json", "tcp://127.0.0.1:0")) {
            try (Socket socket = new Socket("127.0.0.1", echo.awaitPort())) {
                socket.getOutputStream().write(" [ 1 ] \n{]\n\n[2]\n[".getBytes(UTF_8));
                socket.shutdownOutput();
                assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("[1]\n[2]\n");
            }
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            assertThat(echo.err().lines()).hasSize(5); // the beginning, the end, and three packets
            assertThat(echo.err())
                    .containsPattern(
                            "bobbinet: a malformed packet from tcp://127.0.0.1:\\d+ is dropped: JSON lines: .*\n")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void echoSaysNothingOfMalformedPacketsUnlessAsked() throws Exception {
        try (var echo = CommandProcess.start("echo", "--codec", "cbor", "tcp://127.0.0.1:0", "udp://127.0.0.1:0")) {
            try (Socket socket = new Socket("127.0.0.1", echo.awaitPort())) {
                socket.getOutputStream().write(hex("61ff" + "07" + "1c" + "07")); // no UTF-8, 7, no CBOR at all
                assertThat(socket.getInputStream().readAllBytes()).isEqualTo(hex("07"));
            }
            try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                int port = echo.awaitPort();
                send(socket, port, hex("1c"));
                send(socket, port, hex("0707"));
                send(socket, port, hex("1807")); // 7, which is sent back in its short form
                assertThat(receive(socket)).isEqualTo(hex("07"));
            }
            echo.signal("TERM").assertEnds();
        }
    }

    private static void send(DatagramSocket socket, int port, byte[] data) throws IOException {
        socket.send(new DatagramPacket(data, data.length, InetAddress.getLoopbackAddress(), port));
    }

    private static byte[] receive(DatagramSocket socket) throws IOException {
        var packet = new DatagramPacket(new byte[100], 100);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    // -- connect

    @ParameterizedTest
    @ValueSource(strings = {"line", "json", "cbor", "msgpack"})
    void connectMakesPacketsOfLines(String codec) throws Exception {
        String lines = "{\"n\":1}\n[2]\n\"x\"\n";
        try (var echo = CommandProcess.start("echo", "--codec", codec, "tcp://127.0.0.1:0", "udp://127.0.0.1:0")) {
            try (var connect = CommandProcess.start("connect", "--codec", codec, echo.awaitListening())) {
                assertThat(connect.input(lines).readAll()).isEqualTo(lines);
                connect.assertEnds();
            }
            try (var connect = CommandProcess.start("connect", "--codec", codec, echo.awaitListening())) {
                for (String line : lines.split("(?<=\n)")) {
                    connect.in().write(line.getBytes(UTF_8));
                    connect.in().flush();
                    assertThat(connect.readLine()).isEqualTo(line.strip());
                }
                assertThat(connect.input("").readAll()).isEmpty();
                connect.assertEnds();
            }
        }
    }

    @Test
    void connectTellsOfMalformedPacketsAndFailsForInputThatIsNone() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String uri = "tcp://127.0.0.1:" + server.getLocalPort();
            try (var connect = CommandProcess.start("connect", "--codec", "json", uri);
                    Socket client = server.accept()) {
                client.getOutputStream().write("{]\n[1]\n".getBytes(UTF_8));
                client.shutdownOutput();
                assertThat(connect.readAll()).isEqualTo("[1]\n");
                assertThat(connect.awaitExit()).isZero();
                assertThat(connect.err())
                        .startsWith("bobbinet: what came is no packet: JSON lines: ")
                        .hasLineCount(1);
            }
            try (var connect = CommandProcess.start("connect", "--codec", "json", uri);
                    Socket client = server.accept()) {
                connect.input("[1]\n{]\n");
                connect.assertFails(1, "Cannot send '{]', it is no JSON: ");
                assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("[1]\n");
            }
        }
    }

    // -- relay

    @Test
    void relayPassesPacketsOnAndNothingElse() throws Exception {
        try (var echo = CommandProcess.start("echo", "unix://" + folder.resolve("echo"));
                var relay =
                        CommandProcess.start("relay", "--codec", "json", "tcp://127.0.0.1:0", echo.awaitListening());
                Socket socket = new Socket("127.0.0.1", relay.awaitPort())) {
            socket.getOutputStream().write("[ 1 ]\n{]\n{ }\n".getBytes(UTF_8));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("[1]\n{}\n");
            relay.signal("TERM").assertEnds();
        }
    }

    @Test
    void relayOfDatagramsPassesPacketsOnAndNothingElse() throws Exception {
        try (var server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var client = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var relay = CommandProcess.start(
                        "relay",
                        "--verbose",
                        "--codec",
                        "json",
                        "udp://127.0.0.1:0",
                        "udp://127.0.0.1:" + server.getLocalPort())) {
            int port = relay.awaitPort();
            for (String data : new String[] {"{]", "[ 1 ]", ""}) {
                send(client, port, data.getBytes(UTF_8));
            }
            var request = new DatagramPacket(new byte[100], 100);
            server.receive(request);
            assertThat(new String(request.getData(), 0, request.getLength(), UTF_8))
                    .isEqualTo("[1]");
            for (String data : new String[] {"{]", "[ 2 ]"}) {
                byte[] bytes = data.getBytes(UTF_8);
                server.send(new DatagramPacket(bytes, bytes.length, request.getSocketAddress()));
            }
            assertThat(receive(client)).asString().isEqualTo("[2]");
            relay.signal("TERM");
            assertThat(relay.awaitExit()).isZero();
            assertThat(relay.err().lines().filter(line -> line.contains("a malformed packet from udp://")))
                    .hasSize(3);
        }
    }

    // -- programs of others

    @Test
    void socatSendsAndReceivesJsonLines() throws Exception {
        PeerProgram.require("socat");
        try (var echo = CommandProcess.start("echo", "--codec", "json", "unix://" + folder.resolve("socket"));
                var socat = CommandProcess.program(
                        "socat",
                        "-t5",
                        "-",
                        "UNIX-CONNECT:" + echo.awaitListening().replace("unix://", ""))) {
            assertThat(socat.input("{ \"a\": 1 }\nno\n[ ]\n").readAll()).isEqualTo("{\"a\":1}\n[]\n");
            socat.assertEnds();
        }
    }

    @Test
    void pythonAnswersACall() throws Exception {
        PeerProgram.require("python3");
        String program = """
            import json, socket
            server = socket.create_server(("127.0.0.1", 0))
            print(server.getsockname()[1], flush=True)
            client = server.accept()[0].makefile("rw")
            order = json.loads(client.readline())
            order["seen"] = True
            client.write(json.dumps(order) + "\\n")
            client.flush()
            client.read()
            """;
        try (var python = CommandProcess.program("python3", "-c", program);
                var call = CommandProcess.start(
                        "call", "--codec", "json", "tcp://127.0.0.1:" + python.readLine(), "{\"number\":42}")) {
            assertThat(call.readAll()).isEqualTo("{\"number\":42,\"seen\":true}\n");
            call.assertEnds();
            python.assertEnds();
        }
    }
}

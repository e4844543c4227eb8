package io.bobbinet.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.ControlRefusedException;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.spi.SystemOptions;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One datagram at a time between UNIX sockets. */
@Timeout(30)
class UnixDatagramTest extends OpenedDatagrams {
    @Test
    void unixNamesOfAllKinds() throws Exception {
        DatagramHandle named = bound(path("named"));
        DatagramHandle chosen = bound(new UnixName(new byte[0]));
        DatagramHandle unnamed = open(StandardProtocolFamily.UNIX);
        assertThat(((UnixName) chosen.localAddress()).isAbstract()).isTrue();
        unnamed.send(bytes("a"), path("named"));
        assertThat(named.receive(10).sender()).isEqualTo(new UnixName(new byte[0]));
        chosen.send(bytes("b"), path("named"));
        assertThat(named.receive(10).sender()).isEqualTo(chosen.localAddress());
        named.send(bytes("c"), chosen.localAddress());
        assertThat(chosen.receive(10).sender()).isEqualTo(path("named"));
        unnamed.connect(chosen.localAddress());
        unnamed.send(bytes(""));
        assertThat(chosen.receive(10).data()).isEmpty();
        assertThat(unnamed.remoteAddress()).isEqualTo(chosen.localAddress());
    }

    @Test
    void unixDatagramsMayBeLargerThanThoseOfUdp() throws Exception {
        DatagramHandle receiver = bound(path("receiver"));
        DatagramHandle sender = open(StandardProtocolFamily.UNIX);
        byte[] large = new byte[100_000];
        large[99_999] = 1;
        sender.send(ByteBuffer.wrap(large), path("receiver"));
        SystemDatagram whole = receiver.receive(200_000);
        assertThat(whole.data()).isEqualTo(large);
        sender.send(ByteBuffer.wrap(large), path("receiver"));
        SystemDatagram cut = receiver.receive(90_000);
        assertThat(cut.data()).hasSize(90_000);
        assertThat(cut.length()).isEqualTo(100_000);
        sender.send(bytes("small"), path("receiver"));
        assertThat(text(receiver.receive(Integer.MAX_VALUE))).isEqualTo("small");
        sender.sendMessage(ByteBuffer.wrap(large), Optional.of(path("receiver")), ControlData.NONE);
        assertThat(receiver.receiveMessage(100_000).data()).isEqualTo(large);
        sender.sendMessage(ByteBuffer.wrap(large), Optional.of(path("receiver")), ControlData.NONE);
        SystemDatagram cutToo = receiver.receiveMessage(10);
        assertThat(cutToo.data()).hasSize(10);
        assertThat(cutToo.length()).isEqualTo(100_000);
        int limit = sender.getOption(StandardSocketOptions.SO_SNDBUF) * 2;
        assertThatThrownBy(() -> sender.send(ByteBuffer.allocate(limit), path("receiver")))
                .hasMessage("Message too long: SO_SNDBUF lets through at most " + (limit - 32));
        assertThatThrownBy(() -> sender.sendMessage(
                        ByteBuffer.allocate(2 * limit), Optional.of(path("receiver")), ControlData.NONE))
                .hasMessageContaining("too long");
        sender.send(ByteBuffer.allocate(100_000), path("receiver"));
        assertThat(receiver.receive(200_000).length()).isEqualTo(100_000);
    }

    @Test
    void unixFailuresSayWhatIsWrong() throws Exception {
        DatagramHandle sender = open(StandardProtocolFamily.UNIX);
        ByteBuffer data = bytes("x");
        String nothing = folder.resolve("nothing") + ": nobody receives there: there is no such socket file";
        assertThatThrownBy(() -> sender.send(data, path("nothing")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(nothing);
        assertThatThrownBy(() -> sender.connect(path("nothing")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(nothing);
        DatagramHandle gone = bound(path("gone"));
        gone.close();
        assertThatThrownBy(() -> sender.send(data, path("gone")))
                .isInstanceOf(ConnectException.class)
                .hasCauseInstanceOf(IOException.class);
        UnixName nobody = new UnixName("\0nobody here".getBytes(UTF_8));
        assertThatThrownBy(() -> sender.send(data, nobody))
                .isInstanceOf(ConnectException.class)
                .hasMessage("nobody receives");
        try (LinuxDescriptor stream = Made.socket(Constants.AF_UNIX, Constants.SOCK_STREAM)) {
            Errno.check(FileCalls.bind(stream.number(), SocketAddresses.encode(path("stream"), Constants.AF_UNIX)));
            assertThatThrownBy(() -> sender.send(data, path("stream")))
                    .isInstanceOf(ConnectException.class)
                    .hasMessage("it is no datagram socket");
        }
        DatagramHandle taken = bound(path("taken"));
        DatagramHandle other = bound(path("other"));
        taken.connect(path("other"));
        assertThatThrownBy(() -> sender.send(data, path("taken")))
                .isInstanceOf(SocketException.class)
                .hasMessage("the receiver is connected to another socket");
        other.send(data, path("taken"));
        assertThat(text(taken.receive(10))).isEqualTo("x");
        assertThatThrownBy(() -> sender.send(data)).isInstanceOf(SocketException.class);
        assertThat(sender.isOpen()).isTrue();
    }

    @Test
    void aSenderThatWaitsForAFullReceiverHoldsUpNoOther() throws Exception {
        DatagramHandle full = bound(path("full"));
        DatagramHandle empty = bound(path("empty"));
        DatagramHandle sender = open(StandardProtocolFamily.UNIX);
        int count = fill(path("full"));
        List<Running<Boolean>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(Running.start(() -> {
                        sender.send(bytes("last"), path("full"));
                        return true;
                    })
                    .awaitBlocked());
        }
        for (int i = 0; i < 100; i++) {
            sender.send(bytes("x"), path("empty"));
            assertThat(text(empty.receive(10))).isEqualTo("x");
        }
        for (int i = 0; i < count; i++) {
            assertThat(text(full.receive(10))).isEqualTo("fill");
        }
        for (Running<Boolean> each : waiting) {
            assertThat(each.value()).isTrue();
            assertThat(text(full.receive(10))).isEqualTo("last");
        }
    }

    @Test
    void aFullReceiverIsWaitedForWhereNoOtherSocketMayConnectToIt() throws Exception {
        DatagramHandle full = bound(path("full"));
        DatagramHandle sender = bound(path("sender"));
        full.connect(path("sender"));
        int count = fill(sender, path("full"));
        Running<Boolean> waiting = Running.start(() -> {
            sender.send(bytes("last"), path("full"));
            return true;
        });
        for (int i = 0; i < count; i++) {
            assertThat(text(full.receive(10))).isEqualTo("fill");
        }
        assertThat(waiting.value()).isTrue();
        assertThat(text(full.receive(10))).isEqualTo("last");
    }

    @Test
    void aConnectedSenderWaitsForItsPeer() throws Exception {
        DatagramHandle full = bound(path("full"));
        DatagramHandle sender = open(StandardProtocolFamily.UNIX);
        sender.connect(path("full"));
        int count = fill(path("full"));
        Running<Boolean> waiting = Running.start(() -> {
                    sender.send(bytes("last"));
                    return true;
                })
                .awaitBlocked();
        Running<Boolean> second = Running.start(() -> {
                    sender.sendMessage(bytes("last"), Optional.empty(), ControlData.NONE);
                    return true;
                })
                .awaitBlocked();
        for (int i = 0; i < count; i++) {
            assertThat(text(full.receive(10))).isEqualTo("fill");
        }
        assertThat(waiting.value()).isTrue();
        assertThat(second.value()).isTrue();
        assertThat(text(full.receive(10))).isEqualTo("last");
        assertThat(text(full.receive(10))).isEqualTo("last");
    }

    @Test
    void closingWakesAllSendersThatWait() throws Exception {
        DatagramHandle full = bound(path("full"));
        assertThat(fill(path("full"))).isPositive();
        for (boolean connected : new boolean[] {false, true}) {
            DatagramHandle sender = open(StandardProtocolFamily.UNIX);
            if (connected) {
                sender.connect(path("full"));
            }
            List<Running<Void>> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                waiting.add(Running.<Void>start(() -> {
                            if (connected) {
                                sender.send(bytes("never"));
                            } else {
                                sender.send(bytes("never"), path("full"));
                            }
                            return null;
                        })
                        .awaitBlocked());
            }
            sender.close();
            for (Running<Void> each : waiting) {
                assertThat(each.failure()).isInstanceOf(ClosedChannelException.class);
            }
        }
        assertThat(full.isOpen()).isTrue();
    }

    /** What it has sent and others have not taken fills its buffer, and no receiver. */
    @Test
    void aSenderWhoseOwnBufferIsFullWaitsToo() throws Exception {
        DatagramHandle sender = open(StandardProtocolFamily.UNIX);
        sender.setOption(StandardSocketOptions.SO_SNDBUF, 10_000);
        List<DatagramHandle> receivers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            receivers.add(bound(path("receiver" + i)));
        }
        Running<Boolean> sending = Running.start(() -> {
                    for (int i = 0; i < 20; i++) {
                        sender.send(ByteBuffer.allocate(3000), path("receiver" + i));
                    }
                    return true;
                })
                .awaitBlocked();
        for (DatagramHandle receiver : receivers) {
            assertThat(receiver.receive(10).length()).isEqualTo(3000);
        }
        assertThat(sending.value()).isTrue();
    }

    /** How they are sent depends on the address, which a file system may be asked about, and on the memory. */
    @Test
    void unixDatagramsGoFromAnyMemoryToAnyName() throws Exception {
        DatagramHandle sender = open(StandardProtocolFamily.UNIX);
        for (UnixName name : List.of(path("named"), new UnixName(new byte[0]))) {
            DatagramHandle receiver = bound(name);
            for (int size : new int[] {0, 1, 65_536, 65_537, 100_000}) {
                byte[] data = new byte[size];
                Arrays.fill(data, (byte) size);
                ByteBuffer direct = ByteBuffer.allocateDirect(size).put(data).flip();
                for (ByteBuffer each : List.of(ByteBuffer.wrap(data), direct, direct.asReadOnlyBuffer())) {
                    sender.send(each, receiver.localAddress());
                    assertThat(each.remaining()).isEqualTo(size);
                    assertThat(receiver.receive(size + 1).data()).isEqualTo(data);
                }
            }
        }
    }

    /** Those that the poller has asked about the socket. */
    private static List<Integer> epollsOf(DatagramHandle handle) throws IOException {
        String line = "tfd: +" + ((LinuxHandle) handle).fd + " .*";
        List<Integer> epolls = new ArrayList<>();
        try (DirectoryStream<Path> infos = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
            for (Path info : infos) {
                try {
                    if (Files.readAllLines(info).stream().anyMatch(each -> each.matches(line))) {
                        epolls.add(Integer.valueOf(info.getFileName().toString()));
                    }
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        }
        return epolls;
    }

    @Test
    void whatIsOutIsNotToldToHaveFailed() throws Exception {
        DatagramHandle full = bound(path("full"));
        DatagramHandle sender = open(StandardProtocolFamily.UNIX);
        sender.connect(path("full"));
        int count = fill(path("full"));
        Running<Boolean> waiting = Running.start(() -> {
                    sender.send(bytes("last"));
                    return true;
                })
                .awaitBlocked();
        List<Integer> epolls = epollsOf(sender);
        assertThat(epolls).isNotEmpty();
        for (int epoll : epolls) { // so that what is told to the poller after the send fails
            Errno.check(Libc.epollCtl(epoll, Constants.EPOLL_CTL_DEL, ((LinuxHandle) sender).fd, 0, 0));
        }
        for (int i = 0; i < count; i++) {
            assertThat(text(full.receive(10))).isEqualTo("fill");
        }
        ((LinuxHandle) sender).signalOut();
        assertThat(waiting.value()).isTrue();
        assertThat(text(full.receive(10))).isEqualTo("last");
    }

    // -- messages

    @Test
    void descriptorsTravelBesideDatagrams() throws Exception {
        DatagramHandle receiver = bound(path("receiver"));
        DatagramHandle sender = bound(path("sender"));
        try (Made.Pair pipe = Made.pipe()) {
            ControlData control = new ControlData(List.of(pipe.second()), List.of(), false);
            sender.sendMessage(bytes("data"), Optional.of(path("receiver")), control);
            SystemDatagram message = receiver.receiveMessage(2);
            assertThat(text(message)).isEqualTo("da");
            assertThat(message.length()).isEqualTo(4);
            assertThat(message.sender()).isEqualTo(path("sender"));
            assertThat(message.control().descriptors()).hasSize(1);
            ((LinuxDescriptor) message.control().descriptors().getFirst()).close();
            sender.sendMessage(bytes(""), Optional.of(path("receiver")), control);
            SystemDatagram empty = receiver.receiveMessage(10);
            assertThat(empty.data()).isEmpty();
            ((LinuxDescriptor) empty.control().descriptors().getFirst()).close();
            sender.sendMessage(bytes("plain"), Optional.of(path("receiver")), control);
            assertThat(text(receiver.receive(10))).isEqualTo("plain");
            sender.sendMessage(bytes(""), Optional.of(path("receiver")), ControlData.NONE);
            assertThat(receiver.receiveMessage(10).control().descriptors()).isEmpty();
        }
        receiver.setOption(SystemOptions.PASS_CREDENTIALS, true);
        sender.send(bytes("who"), path("receiver"));
        List<ProcessCredentials> own = receiver.receiveMessage(10).control().credentials();
        assertThat(own)
                .singleElement()
                .satisfies(c -> assertThat(c.pid())
                        .isEqualTo((int) ProcessHandle.current().pid()));
        receiver.connect(bound(path("another")).localAddress());
        assertThatThrownBy(() -> sender.sendMessage(
                        bytes("x"), Optional.of(path("receiver")), new ControlData(List.of(), own, false)))
                .isInstanceOf(ControlRefusedException.class)
                .hasMessageContaining("credentials")
                .hasMessageContaining("connected to another");
        DatagramHandle udp = open(StandardProtocolFamily.INET);
        assertThatThrownBy(() -> udp.receiveMessage(1)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> udp.sendMessage(bytes("x"), Optional.empty(), ControlData.NONE))
                .isInstanceOf(UnsupportedOperationException.class);
    }
}

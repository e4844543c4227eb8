package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.ThreadKind;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Sends that wait for room. UDP seldom makes anybody wait; it does while the system looks for a neighbour on the network who
 * is not there, which takes it 3 seconds, if the datagrams to him fill the send buffer.
 */
@OnEachBackend(threads = {ThreadKind.PLATFORM, ThreadKind.TASK})
@DisplayName("UdpSendWaitTest")
@EnabledOnOs(OS.LINUX)
@Timeout(30)
class UdpSendWaitTest {
    private static final int SMALLEST_BUFFER = 1;
    private static final int SMALL_BUFFER = 20_000;
    private static final int ENOUGH = 200_000;

    private UdpSocket socket;
    private UdpSocket here;
    private InetSocketAddress nobody;

    @BeforeEach
    void fillTheBuffer() throws Exception {
        nobody = new InetSocketAddress(missingNeighbour(), 9);
        here = Udp.bind("::1", 0);
        socket = Udp.binder(0)
                .withOption(StandardSocketOptions.SO_SNDBUF, SMALLEST_BUFFER)
                .bind();
        TaskGroup.run(group -> {
            Task<Void> filler = group.fork(() -> {
                while (true) {
                    socket.send(new byte[1_000], nobody);
                }
            });
            Blocked.await(filler, "send");
            filler.cancel();
        });
    }

    /** Nobody has a random address of 64 bits, and to ask for it disturbs nobody. */
    private static Inet6Address missingNeighbour() throws IOException {
        NetworkInterface network = NetworkInterface.networkInterfaces()
                .filter(n -> n.inetAddresses().anyMatch(a -> a instanceof Inet6Address && a.isLinkLocalAddress()))
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(network != null, "no interface has a link-local address");
        byte[] address = new byte[16];
        new Random().nextBytes(address);
        System.arraycopy(new byte[] {(byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0}, 0, address, 0, 8);
        return Inet6Address.getByAddress(null, address, network.getIndex());
    }

    @AfterEach
    void close() throws IOException {
        if (socket != null) {
            socket.close();
            here.close();
        }
        assertThat(Thread.interrupted()).isFalse();
    }

    /** One way to send to nobody. */
    private interface Sending {
        void send() throws IOException;
    }

    private List<Sending> sends() {
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(3, 1_000);
        for (int i = 0; i < 3; i++) {
            batch.add(1_000 - i, nobody); // of several sizes, so that they go one by one
        }
        return List.of(() -> socket.send(bytes("x"), nobody), () -> {
            socket.sendBatch(batch);
        });
    }

    /** With a larger buffer there is room again. */
    private void assertStillSends() throws IOException {
        socket.setOption(StandardSocketOptions.SO_SNDBUF, ENOUGH);
        socket.send(bytes("y"), here.localAddress());
        assertThat(here.receive().data()).isEqualTo(bytes("y"));
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(2, 10);
        batch.add(ByteBuffer.wrap(bytes("1")), here.localAddress());
        batch.add(ByteBuffer.wrap(bytes("2")), here.localAddress());
        socket.sendBatch(batch);
        assertThat(here.receive().data()).isEqualTo(bytes("1"));
        assertThat(here.receive().data()).isEqualTo(bytes("2"));
        socket.setOption(StandardSocketOptions.SO_SNDBUF, SMALLEST_BUFFER);
    }

    @Test
    void aSendThatWaitsCanBeCancelled() throws Exception {
        for (Sending sending : sends()) {
            var scope = CancelScope.create();
            Thread helper = UdpPair.whenWaiting(scope::cancel);
            assertThat(scope.run(sending::send)).isFalse();
            helper.join();
            assertStillSends();
        }
    }

    @Test
    void aSendThatWaitsCanTimeOut() throws Exception {
        VirtualTime.run(time -> {
            for (Sending sending : sends()) {
                Thread helper = UdpPair.whenWaiting(() -> time.advance(ofSeconds(1)));
                assertFails(
                        TimedOutException.class,
                        () -> CancelScope.failAfter(ofSeconds(1)).run(sending::send));
                helper.join();
                assertStillSends();
            }
        });
    }

    @Test
    void aSendThatWaitsCanBeInterrupted() throws Exception {
        for (Sending sending : sends()) {
            Thread sender = Thread.currentThread();
            Thread helper = UdpPair.whenWaiting(sender::interrupt);
            assertFails(InterruptedIOException.class, sending::send);
            assertThat(Thread.interrupted()).isTrue();
            helper.join();
            assertStillSends();
        }
    }

    @Test
    void aBatchThatWaitsTellsHowFarItCame() throws Exception {
        socket.setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER); // less than is kept for a neighbour
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(402, 1_000);
        batch.add(ByteBuffer.wrap(bytes("0")), here.localAddress());
        batch.add(ByteBuffer.wrap(bytes("1")), here.localAddress());
        for (int i = 0; i < 400; i++) {
            batch.add(500 + i, nobody);
        }
        var scope = CancelScope.create();
        Thread helper = UdpPair.whenWaiting(scope::cancel);
        assertThat(scope.run(() -> socket.sendBatch(batch))).isFalse();
        helper.join();
        assertThat(batch.position()).isBetween(2, 401);
        assertThat(here.receive().data()).isEqualTo(bytes("0"));
        assertThat(here.receive().data()).isEqualTo(bytes("1"));
    }

    @Test
    void closingEndsAllSendsThatWait() throws Exception {
        TaskGroup.run(group -> {
            List<Task<Void>> tasks = new ArrayList<>();
            for (Sending sending : List.of(sends().get(0), sends().get(1), sends().get(0), sends().get(1))) {
                tasks.add(group.fork(() -> {
                    assertFails(ClosedResourceException.class, sending::send);
                }));
                Blocked.await(tasks.getLast(), "send");
            }
            socket.close();
        });
    }

    @Test
    void aSendThatWaitsGoesOnWhenThereIsRoomAndDelaysNoReceive() throws Exception {
        TaskGroup.run(group -> {
            List<Task<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                String text = "text " + i;
                tasks.add(group.fork(() -> socket.send(bytes(text), here.localAddress())));
                Blocked.await(tasks.getLast(), "send");
            }
            here.send(bytes("back"), "::1", socket.localAddress().getPort());
            assertThat(socket.receive().data()).isEqualTo(bytes("back"));
            List<String> arrived = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                arrived.add(Sockets.text(here.receive().data()));
            }
            assertThat(arrived).containsExactlyInAnyOrder("text 0", "text 1", "text 2");
        });
    }
}

package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpBinder;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A UDP socket that is not connected: what it sends, receives and knows. */
@OnEachBackend
@DisplayName("UdpSocketTest")
@Timeout(30)
class UdpSocketTest extends UdpPair {
    /** The most that IPv4 carries: 65,535 less its header and that of UDP. */
    private static final int LONGEST = 65_507;

    // -- datagrams

    @Test
    @Tag("smoke")
    void aDatagramArrivesWithItsSenderAndCanBeAnswered() throws IOException {
        ours.send(bytes("hello"), peer.localAddress());
        Datagram<InetSocketAddress> question = peer.receive();
        assertThat(text(question.data())).isEqualTo("hello");
        assertThat(question.peer()).contains(ours.localAddress());
        assertThat(question.isTruncated()).isFalse();
        assertThat(question.length()).hasValue(5);
        assertThat(question.destination()).isEmpty();
        peer.send(question.reply(bytes("olleh")));
        assertNext("olleh");
    }

    @Test
    void aSocketMaySendToItself() throws IOException {
        for (String host : List.of("127.0.0.1", "::1")) {
            try (UdpSocket socket = Udp.bind(host, 0)) {
                assertTalkingToItself(socket, socket.localAddress());
            }
        }
    }

    private static void assertTalkingToItself(UdpSocket socket, InetSocketAddress as) throws IOException {
        socket.send(bytes("to myself"), as);
        Datagram<InetSocketAddress> datagram = socket.receive();
        assertThat(text(datagram.data())).isEqualTo("to myself");
        assertThat(datagram.peer()).contains(as);
    }

    @Test
    void theLoopGivesDatagramsAndTheirSendersInTheirOrder() throws IOException {
        for (int i = 0; i < 10; i++) {
            peerSends(Integer.toString(i));
        }
        List<String> texts = new ArrayList<>();
        ours.forEach(datagram -> {
            assertThat(datagram.peer()).contains(peer.localAddress());
            texts.add(text(datagram.data()));
            if (texts.size() == 10) {
                ours.close();
            }
        });
        assertThat(texts).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    @Test
    @Tag("smoke")
    void emptyDatagramsAreDataAndNoEnd() throws IOException {
        ours.send(new byte[0], peer.localAddress());
        ours.send(Datagram.of(new byte[0], peer.localAddress()));
        for (int i = 0; i < 2; i++) {
            Datagram<InetSocketAddress> empty = peer.receive();
            assertThat(empty.data()).isEmpty();
            assertThat(empty.isTruncated()).isFalse();
            assertThat(empty.length()).hasValue(0);
            assertThat(empty.peer()).contains(ours.localAddress());
        }
        List<Integer> sizes = new ArrayList<>();
        peerSends("");
        peerSends("x");
        ours.forEach(datagram -> {
            sizes.add(datagram.data().length);
            if (sizes.size() == 2) {
                ours.close();
            }
        });
        assertThat(sizes).containsExactly(0, 1);
    }

    @Test
    void theLongestDatagramArrivesWhole() throws IOException {
        byte[] longest = new byte[LONGEST];
        new Random(1).nextBytes(longest);
        ours.send(longest, peer.localAddress());
        Datagram<InetSocketAddress> datagram = peer.receive();
        assertThat(Arrays.equals(datagram.data(), longest)).isTrue();
        assertThat(datagram.isTruncated()).isFalse();
        ours.send(longest, peer.localAddress());
        assertThat(peer.receive(LONGEST).isTruncated()).isFalse();
        ours.send(longest, peer.localAddress());
        assertThat(peer.receive(Integer.MAX_VALUE).data()).hasSize(LONGEST);
    }

    @Test
    void aDatagramThatIsTooLongIsRefusedAndTheSocketIsGood() throws IOException {
        for (int size : new int[] {LONGEST + 1, 65_536, 100_000}) {
            assertFails(SocketException.class, () -> ours.send(new byte[size], peer.localAddress()))
                    .hasMessageContaining(size + " bytes")
                    .hasMessageContaining("too long")
                    .hasMessageContaining("127.0.0.1:" + peer.localAddress().getPort());
        }
        assertTalking();
    }

    // -- truncation

    @Test
    @Tag("smoke")
    void whatIsBeyondTheSizeAskedForIsCutOffAndFlagged() throws IOException {
        boolean told = Backends.current().capabilities().contains(Capability.DESTINATION_ADDRESS);
        for (int max : new int[] {1, 4, 9}) {
            peerSends("0123456789");
            Datagram<InetSocketAddress> cut = ours.receive(max);
            assertThat(text(cut.data())).isEqualTo("0123456789".substring(0, max));
            assertThat(cut.isTruncated()).isTrue();
            assertThat(cut.peer()).contains(peer.localAddress());
            if (told) {
                assertThat(cut.length()).hasValue(10);
            } else {
                assertThat(cut.length()).isEmpty();
            }
        }
        peerSends("0123456789");
        Datagram<InetSocketAddress> whole = ours.receive(10);
        assertThat(whole.isTruncated()).isFalse();
        assertThat(whole.length()).hasValue(10);
        assertTalking();
    }

    @Test
    void atLeastOneByteMustBeAskedFor() throws IOException {
        for (int max : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertFails(IllegalArgumentException.class, () -> ours.receive(max));
        }
        ours.close();
        assertFails(IllegalArgumentException.class, () -> ours.receive(0));
    }

    // -- many

    @Test
    void sendsOfManyThreadsGoOutWhole() throws Exception {
        int threads = 8;
        int each = 500;
        List<Semaphore> room = Stream.generate(() -> new Semaphore(10)) // not more than the receive buffer holds
                .limit(threads)
                .toList();
        TaskGroup.run(group -> {
            for (int t = 0; t < threads; t++) {
                int thread = t;
                group.fork(() -> {
                    for (int i = 0; i < each; i++) {
                        room.get(thread).acquire();
                        peer.send(numbered(thread, i), ours.localAddress());
                    }
                });
            }
            int[] received = new int[threads];
            for (int n = 0; n < threads * each; n++) {
                byte[] data = ours.receive().data();
                assertThat(data).isEqualTo(numbered(data[0], received[data[0]]++));
                room.get(data[0]).release();
            }
        });
        assertTalking();
    }

    private static byte[] numbered(int thread, int i) {
        byte[] data = new byte[1 + (thread * 131 + i * 17) % 1_000];
        Arrays.fill(data, (byte) thread);
        return data;
    }

    // -- the socket

    @Test
    void addressesAreKnownAlsoAfterTheClose() throws IOException {
        assertThat(ours.localAddress().getAddress()).isEqualTo(LOOPBACK);
        assertThat(ours.localAddress().getPort()).isPositive();
        for (int i = 0; i < 2; i++) {
            assertThat(ours.find(SocketAttributes.LOCAL_ADDRESS)).contains(ours.localAddress());
            assertThat(ours.find(SocketAttributes.PEER_ADDRESS)).isEmpty();
            assertThat(ours.toString())
                    .contains("127.0.0.1:" + ours.localAddress().getPort());
            ours.close();
        }
    }

    @Test
    @Tag("smoke")
    void closingFreesThePortBeforeItReturns() throws IOException {
        InetSocketAddress address = ours.localAddress();
        UdpBinder binder = Udp.binder(address);
        assertFails(BindException.class, binder::bind)
                .hasMessage("Address already in use: 127.0.0.1:" + address.getPort());
        ours.close();
        for (int i = 0; i < 2; i++) {
            UdpSocket again = binder.bind();
            assertThat(again.localAddress()).isEqualTo(address);
            assertTalking(again, peer);
            again.close();
        }
        for (int i = 0; i < 2; i++) {
            UdpSocket adopted = Udp.adopt(DatagramChannel.open(INET).bind(address));
            assertTalking(adopted, peer);
            adopted.close();
        }
    }

    @Test
    void closingFreesThePortThoughAReceiveWaitedAndADatagramWasThere() throws Exception {
        InetSocketAddress address = ours.localAddress();
        for (int i = 0; i < 20; i++) {
            UdpSocket socket = ours;
            TaskGroup.run(group -> {
                Task<Void> task = group.fork(() -> {
                    assertFails(ClosedResourceException.class, socket::receive);
                });
                Blocked.await(task);
                socket.close();
                peer.send(new byte[1], address); // for nobody, or for the next
                ours = Udp.binder(address).bind();
            });
            peer.send(bytes("next"), address);
            assertThat(text(ours.receive().data())).isEqualTo("next");
        }
    }

    @Test
    void optionsCanBeSetBeforeTheBindAndAfter() throws IOException {
        try (UdpSocket small = Udp.binder("127.0.0.1", 0)
                .withOption(StandardSocketOptions.SO_RCVBUF, 20_000)
                .withOption(StandardSocketOptions.SO_BROADCAST, true)
                .bind()) {
            int size = small.option(StandardSocketOptions.SO_RCVBUF);
            assertThat(size).isLessThan(ours.option(StandardSocketOptions.SO_RCVBUF));
            assertThat(small.option(StandardSocketOptions.SO_BROADCAST)).isTrue();
            assertThat(ours.option(StandardSocketOptions.SO_BROADCAST)).isFalse();
            small.setOption(StandardSocketOptions.SO_RCVBUF, 40_000);
            assertThat(small.option(StandardSocketOptions.SO_RCVBUF)).isGreaterThan(size);
            small.setOption(StandardSocketOptions.IP_TOS, 0x10);
            assertThat(small.option(StandardSocketOptions.IP_TOS)).isEqualTo(0x10);
            assertThat(small.supportedOptions())
                    .contains(StandardSocketOptions.SO_RCVBUF, StandardSocketOptions.IP_MULTICAST_LOOP);
            assertFails(
                    UnsupportedOperationException.class,
                    () -> small.setOption(StandardSocketOptions.TCP_NODELAY, true));
            assertTalking(small, peer);
        }
        ours.close();
        assertFails(ClosedResourceException.class, () -> ours.option(StandardSocketOptions.SO_RCVBUF));
        assertFails(ClosedResourceException.class, () -> ours.setOption(StandardSocketOptions.SO_RCVBUF, 1));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void socketsThatAllAskForItShareAPortAndEveryDatagramComesToOneOfThem() throws Exception {
        try (UdpSocket first = Udp.binder("127.0.0.1", 0).withReusePort().bind()) {
            UdpBinder binder = Udp.binder(first.localAddress());
            assertFails(BindException.class, binder::bind);
            try (UdpSocket second = binder.withReusePort().bind()) {
                assertThat(second.localAddress()).isEqualTo(first.localAddress());
                var arrived = new ConcurrentLinkedQueue<String>();
                var all = new CountDownLatch(100);
                TaskGroup.run(group -> {
                    for (UdpSocket socket : List.of(first, second)) {
                        group.fork(() -> socket.forEach(datagram -> {
                            arrived.add(text(datagram.data()));
                            all.countDown();
                        }));
                    }
                    for (int i = 0; i < 100; i++) {
                        try (UdpSocket sender = Udp.bind("127.0.0.1", 0)) { // spread by sender
                            sender.send(bytes(Integer.toString(i)), first.localAddress());
                        }
                    }
                    all.await();
                    group.cancel();
                });
                assertThat(arrived).hasSize(100).doesNotHaveDuplicates();
            }
        }
        assertFails(
                BindException.class,
                () -> Udp.binder(ours.localAddress()).withReusePort().bind());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatTheReceiveBufferCannotHoldIsLostTheNewestFirst() throws IOException {
        for (int i = 0; i < 2_000; i++) {
            peerSends("datagram " + i);
        }
        assertNext("datagram 0"); // what came is kept by the system, and the oldest survive
        assertNext("datagram 1");
        boolean all = CancelScope.moveOnAfter(Duration.ofMillis(1)).run(() -> {
            for (int i = 2; i < 2_000; i++) {
                assertNext("datagram " + i);
            }
        });
        assertThat(all).isFalse();
    }
}

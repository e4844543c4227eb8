package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Backends;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many datagrams in one go. */
@OnEachBackend
@DisplayName("UdpBatchTest")
@Timeout(30)
class UdpBatchTest extends UdpPair {

    private static DatagramBatch<InetSocketAddress> room(int count, int bytesEach) {
        return DatagramBatch.allocate(count, bytesEach);
    }

    /** Receives datagrams by batches until as many have come, or more, and gives their texts. */
    private static List<String> receive(UdpSocket socket, DatagramBatch<InetSocketAddress> batch, int count)
            throws IOException {
        List<String> all = new ArrayList<>();
        while (all.size() < count) {
            socket.receiveBatch(batch);
            assertThat(batch.size()).isPositive();
            assertThat(batch.position()).isZero();
            all.addAll(texts(batch));
        }
        return all;
    }

    // -- there and back

    @Test
    @Tag("smoke")
    void aBatchArrivesInItsOrderAndGoesBackAsItIs() throws IOException {
        DatagramBatch<InetSocketAddress> batch = batch(peer.localAddress(), "one", "", "three", "vier", "");
        ours.sendBatch(batch);
        assertThat(batch.position()).isEqualTo(5);
        DatagramBatch<InetSocketAddress> received = room(10, 100);
        List<String> texts = new ArrayList<>();
        while (texts.size() < 5) {
            peer.receiveBatch(received);
            for (int i = 0; i < received.size(); i++) {
                assertThat(received.hasPeer(i)).isTrue();
                assertThat(received.peer(i)).isEqualTo(ours.localAddress());
                assertThat(received.isTruncated(i)).isFalse();
                assertThat(received.length(i)).hasValue(received.data(i).remaining());
            }
            texts.addAll(texts(received));
            peer.sendBatch(received);
            assertThat(received.position()).isEqualTo(received.size());
        }
        assertThat(texts).containsExactly("one", "", "three", "vier", "");
        for (String text : texts) {
            assertNext(text);
        }
        assertTalking();
    }

    @Test
    void aChangedAnswerGoesBackToo() throws IOException {
        peer.sendBatch(batch(ours.localAddress(), "abc", "def"));
        DatagramBatch<InetSocketAddress> batch = room(10, 100);
        for (int answered = 0; answered < 2; answered += batch.size()) {
            ours.receiveBatch(batch);
            for (int i = 0; i < batch.size(); i++) {
                ByteBuffer data = batch.data(i);
                data.put(data.position(), (byte) 'X');
            }
            ours.sendBatch(batch);
        }
        assertThat(text(peer.receive().data())).isEqualTo("Xbc");
        assertThat(text(peer.receive().data())).isEqualTo("Xef");
    }

    @Test
    void datagramsOfOneBatchMayGoToMany() throws IOException {
        try (UdpSocket third = Udp.bind("127.0.0.1", 0)) {
            DatagramBatch<InetSocketAddress> batch = room(300, 10);
            for (int i = 0; i < 90; i++) {
                // runs of one size to one peer, as long as 1, 2, 3...
                InetSocketAddress to = i / 3 % 2 == 0 ? peer.localAddress() : third.localAddress();
                batch.add(ByteBuffer.wrap(bytes(String.format("%02d", i))), to);
            }
            ours.sendBatch(batch);
            for (int i = 0; i < 90; i++) {
                Datagram<InetSocketAddress> datagram = (i / 3 % 2 == 0 ? peer : third).receive();
                assertThat(text(datagram.data())).isEqualTo(String.format("%02d", i));
            }
            // and what comes from many says from whom
            peer.sendBatch(batch(ours.localAddress(), "a", "b"));
            third.sendBatch(batch(ours.localAddress(), "c", "d"));
            peer.sendBatch(batch(ours.localAddress(), "e"));
            List<String> seen = new ArrayList<>();
            while (seen.size() < 5) {
                ours.receiveBatch(batch);
                for (int i = 0; i < batch.size(); i++) {
                    boolean isPeer = batch.peer(i).equals(peer.localAddress());
                    assertThat(isPeer || batch.peer(i).equals(third.localAddress()))
                            .isTrue();
                    seen.add((isPeer ? "peer " : "third ") + texts(batch).get(i));
                }
            }
            assertThat(seen).containsExactly("peer a", "peer b", "third c", "third d", "peer e");
        }
    }

    @Test
    void eachDatagramKeepsItsSizeHowEverManyOfWhichSizeFollowEachOther() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        DatagramBatch<InetSocketAddress> batch = room(64, 2_000);
        DatagramBatch<InetSocketAddress> received = room(64, 2_000);
        for (int round = 0; round < 50; round++) {
            batch.clear();
            List<Integer> sizes = new ArrayList<>();
            for (int i = 0; i < 30; ) {
                int size = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(2_000);
                for (int run = 1 + random.nextInt(5); run > 0; run--, i++) {
                    ByteBuffer place = batch.add(size, peer.localAddress());
                    while (place.hasRemaining()) {
                        place.put((byte) i);
                    }
                    sizes.add(size);
                }
            }
            ours.sendBatch(batch);
            int n = 0;
            while (n < sizes.size()) {
                if (random.nextInt(4) == 0) {
                    check(ByteBuffer.wrap(peer.receive().data()), sizes, n++, seed);
                    continue;
                }
                peer.receiveBatch(received);
                for (int i = 0; i < received.size(); i++) {
                    check(received.data(i), sizes, n++, seed);
                }
            }
        }
        assertTalking();
    }

    private static void check(ByteBuffer data, List<Integer> sizes, int n, long seed) {
        assertThat(data.remaining()).as("datagram %d, seed %d", n, seed).isEqualTo(sizes.get(n));
        while (data.hasRemaining()) {
            assertThat(data.get()).as("datagram %d, seed %d", n, seed).isEqualTo((byte) n);
        }
    }

    @Test
    void largeBatchesAndSingleReceivesMayTakeTurns() throws IOException {
        DatagramBatch<InetSocketAddress> large = room(64, 65_536);
        DatagramBatch<InetSocketAddress> small = room(2, 100);
        for (int round = 0; round < 20; round++) {
            String[] texts = new String[12];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = String.format("%02d", i);
            }
            peer.sendBatch(batch(ours.localAddress(), texts));
            List<String> seen = new ArrayList<>();
            for (int turn = round; seen.size() < texts.length; turn++) {
                if (turn % 3 == 0) {
                    ours.receiveBatch(small);
                    assertThat(small.size()).isLessThanOrEqualTo(12);
                    seen.addAll(texts(small));
                } else if (turn % 3 == 1) {
                    Datagram<InetSocketAddress> datagram = ours.receive(round % 2 == 0 ? 1 : 100);
                    assertThat(datagram.isTruncated()).isEqualTo(round % 2 == 0);
                    assertThat(datagram.peer()).contains(peer.localAddress());
                    String expected = texts[seen.size()];
                    assertThat(text(datagram.data())).isEqualTo(round % 2 == 0 ? expected.substring(0, 1) : expected);
                    seen.add(expected);
                } else {
                    ours.receiveBatch(turn % 2 == 0 ? large : small);
                    seen.addAll(texts(turn % 2 == 0 ? large : small));
                }
            }
            assertThat(seen).containsExactly(texts);
        }
    }

    @Test
    void largeDatagramsGoInBatchesToo() throws IOException {
        DatagramBatch<InetSocketAddress> batch = room(4, 65_507);
        for (int size : new int[] {65_507, 1, 30_000, 30_000}) {
            batch.add(size, peer.localAddress());
        }
        ours.sendBatch(batch);
        DatagramBatch<InetSocketAddress> received = room(4, 65_536);
        List<Integer> sizes = new ArrayList<>();
        while (sizes.size() < 4) {
            peer.receiveBatch(received);
            for (int i = 0; i < received.size(); i++) {
                sizes.add(received.data(i).remaining());
            }
        }
        assertThat(sizes).containsExactly(65_507, 1, 30_000, 30_000);
    }

    @Test
    void aConnectedSocketsBatchesGoToItsPeerAndBack() throws IOException {
        try (ConnectedUdpSocket connected = Udp.connector(peer.localAddress()).connect()) {
            DatagramBatch<InetSocketAddress> batch = room(100, 100);
            for (int i = 0; i < 50; i++) {
                batch.add(ByteBuffer.wrap(bytes("x" + i)));
            }
            assertThat(batch.hasPeer(0)).isFalse();
            assertFails(IllegalStateException.class, () -> batch.peer(0));
            connected.sendBatch(batch);
            for (int back = 0; back < 50; back += batch.size()) {
                peer.receiveBatch(batch);
                peer.sendBatch(batch);
            }
            List<String> texts = new ArrayList<>();
            while (texts.size() < 50) {
                connected.receiveBatch(batch);
                texts.addAll(texts(batch));
                assertThat(batch.peer(0)).isEqualTo(peer.localAddress());
            }
            assertThat(texts).hasSize(50).startsWith("x0", "x1").endsWith("x49");
        }
    }

    // -- the area

    @Test
    void theAreaIsUsedAgainAndAgain() throws IOException {
        DatagramBatch<InetSocketAddress> batch = room(3, 4);
        for (int i = 0; i < 100; i++) {
            batch.clear();
            assertThat(batch.size()).isZero();
            String text = Integer.toString(1_000 + i);
            batch.add(ByteBuffer.wrap(bytes(text)), peer.localAddress());
            assertThat(batch.data(0)).isSameAs(batch.data(0));
            ours.sendBatch(batch);
            peer.receiveBatch(batch);
            assertThat(texts(batch)).containsExactly(text);
            batch.position(0);
            peer.sendBatch(batch); // back to us
            assertThat(receive(ours, batch, 1)).containsExactly(text);
        }
    }

    @Test
    void whatHasNoRoomIsNotAdded() throws IOException {
        DatagramBatch<InetSocketAddress> batch = room(2, 5);
        batch.add(ByteBuffer.wrap(bytes("1234567")), peer.localAddress()); // room is counted in all
        assertFails(
                BufferOverflowException.class, () -> batch.add(ByteBuffer.wrap(bytes("1234")), peer.localAddress()));
        assertFails(BufferOverflowException.class, () -> batch.add(4, peer.localAddress()));
        assertFails(BufferOverflowException.class, () -> batch.add(ByteBuffer.allocate(4)));
        assertThat(batch.size()).isEqualTo(1);
        batch.add(ByteBuffer.wrap(bytes("890")), peer.localAddress());
        batch.add(ByteBuffer.allocate(0), peer.localAddress());
        ours.sendBatch(batch);
        DatagramBatch<InetSocketAddress> received = room(5, 100);
        assertThat(receive(peer, received, 3)).containsExactly("1234567", "890", "");
        ByteBuffer one = ByteBuffer.allocate(1);
        assertFails(BufferOverflowException.class, () -> received.add(one, peer.localAddress()));
        assertFails(BufferOverflowException.class, () -> received.add(one));
        received.clear();
        received.add(one, peer.localAddress());
        assertThat(received.size()).isEqualTo(1);
    }

    @Test
    void whatIsNotThereIsRefused() {
        DatagramBatch<InetSocketAddress> batch = batch(peer.localAddress(), "a");
        assertFails(IndexOutOfBoundsException.class, () -> batch.data(1));
        assertFails(IndexOutOfBoundsException.class, () -> batch.peer(-1));
        assertFails(IndexOutOfBoundsException.class, () -> batch.hasPeer(1));
        assertFails(IndexOutOfBoundsException.class, () -> batch.isTruncated(1));
        assertFails(IndexOutOfBoundsException.class, () -> batch.length(1));
        assertFails(IndexOutOfBoundsException.class, () -> batch.position(2));
        assertFails(IndexOutOfBoundsException.class, () -> batch.position(-1));
        for (int[] wrong : new int[][] {{0, 1}, {1, 0}, {-1, 5}, {65_536, 65_536}}) {
            assertFails(IllegalArgumentException.class, () -> DatagramBatch.allocate(wrong[0], wrong[1]));
        }
    }

    @Test
    void anEmptyBatchIsSentWithoutFurtherAdo() throws IOException {
        DatagramBatch<InetSocketAddress> batch = room(1, 1);
        ours.sendBatch(batch);
        assertThat(batch.position()).isZero();
        batch.add(0, peer.localAddress());
        batch.position(1);
        ours.sendBatch(batch); // nothing is left
        assertTalking();
    }

    // -- truncation

    @Test
    void whatIsLongerThanItsPlaceIsCutOffAndFlagged() throws IOException {
        boolean told = Backends.current().capabilities().contains(Capability.DESTINATION_ADDRESS);
        peer.sendBatch(batch(ours.localAddress(), "12345", "123456", "1", "1234567890", "12345"));
        DatagramBatch<InetSocketAddress> batch = room(5, 5);
        List<String> seen = new ArrayList<>();
        while (seen.size() < 5) {
            ours.receiveBatch(batch);
            for (int i = 0; i < batch.size(); i++) {
                if (batch.isTruncated(i)) {
                    int length = seen.size() == 1 ? 6 : 10;
                    if (told) {
                        assertThat(batch.length(i)).hasValue(length);
                    } else {
                        assertThat(batch.length(i)).isEmpty();
                    }
                }
                seen.add(texts(batch).get(i) + (batch.isTruncated(i) ? "..." : ""));
            }
        }
        assertThat(seen).containsExactly("12345", "12345...", "1", "12345...", "12345");
        assertTalking();
    }

    @Test
    void oneThatIsLongerThanItsPlaceAmongManyInALargeArea() throws IOException {
        DatagramBatch<InetSocketAddress> batch = room(128, 1_000); // large enough for UDP_GRO
        DatagramBatch<InetSocketAddress> mixed = room(128, 2_000);
        for (int i = 0; i < 20; i++) {
            mixed.add(i % 5 == 4 ? 1_500 : 900, ours.localAddress());
        }
        for (int round = 0; round < 5; round++) {
            mixed.position(0);
            peer.sendBatch(mixed);
            int n = 0;
            while (n < 20) {
                ours.receiveBatch(batch);
                for (int i = 0; i < batch.size(); i++, n++) {
                    boolean longer = n % 5 == 4;
                    // What came in one piece with others may have more room than its place has.
                    assertThat(batch.data(i).remaining())
                            .isEqualTo(batch.isTruncated(i) ? 1_000 : longer ? 1_500 : 900);
                    assertThat(longer || !batch.isTruncated(i)).isTrue();
                }
            }
        }
    }

    // -- failures

    @Test
    @Tag("smoke")
    void thePositionTellsWhichOneFailedAndTheOthersCanGoOn() throws IOException {
        DatagramBatch<InetSocketAddress> batch = room(4, 65_536);
        batch.add(ByteBuffer.wrap(bytes("first")), peer.localAddress());
        batch.add(ByteBuffer.wrap(bytes("again")), peer.localAddress()); // of the same size as the first
        batch.add(65_508, peer.localAddress());
        batch.add(ByteBuffer.wrap(bytes("last")), peer.localAddress());
        for (int i = 0; i < 2; i++) {
            assertFails(SocketException.class, () -> ours.sendBatch(batch))
                    .hasMessageContaining("65508 bytes")
                    .hasMessageContaining("too long")
                    .hasMessageContaining("127.0.0.1:" + peer.localAddress().getPort());
            assertThat(batch.position()).isEqualTo(2);
        }
        batch.position(3);
        ours.sendBatch(batch);
        assertThat(batch.position()).isEqualTo(4);
        for (String text : List.of("first", "again", "last")) {
            assertThat(text(peer.receive().data())).isEqualTo(text);
        }
        assertTalking();
    }
}

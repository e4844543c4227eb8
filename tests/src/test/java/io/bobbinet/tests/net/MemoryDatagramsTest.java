package io.bobbinet.tests.net;

import static io.bobbinet.testkit.DatagramFault.CUT;
import static io.bobbinet.testkit.DatagramFault.DOUBLED;
import static io.bobbinet.testkit.DatagramFault.LOST;
import static io.bobbinet.testkit.DatagramFault.NONE;
import static io.bobbinet.testkit.DatagramFault.OVERTAKEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryDatagramTransport;
import io.bobbinet.testkit.MemoryDatagrams;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MemoryDatagramsTest {
    private static final int END = 100;

    private static void send(MemoryDatagramTransport transport, int... numbers) throws IOException {
        for (int number : numbers) {
            transport.send(new byte[] {(byte) number, 0});
        }
    }

    /** What comes at the right end up to a datagram that marks the end. */
    private static List<Integer> received(StreamPair<MemoryDatagramTransport> pair) throws IOException {
        pair.left().command(NONE);
        send(pair.left(), END);
        List<Integer> numbers = new ArrayList<>();
        while (true) {
            int number = pair.right().receive().data()[0];
            if (number == END) {
                return numbers;
            }
            numbers.add(number);
        }
    }

    @Test
    @Tag("smoke")
    void commandedFaultsBefallTheNextDatagramsInOrder() throws Exception {
        try (var pair = MemoryDatagrams.faultless().pair()) {
            pair.left().command(NONE, LOST, DOUBLED);
            pair.left().command(OVERTAKEN, NONE, LOST);
            send(pair.left(), 1, 2, 3, 4, 5, 6, 7);

            assertThat(received(pair)).containsExactly(1, 3, 3, 5, 4, 7);
        }
    }

    @Test
    void aCutDatagramIsFlaggedAndTellsItsLength() throws Exception {
        try (var pair = MemoryDatagrams.faultless().pair()) {
            pair.left().command(CUT, NONE);
            pair.left().send(new byte[] {1, 2, 3, 4, 5});
            pair.left().send(new byte[] {6});

            Datagram<InetSocketAddress> cut = pair.right().receive();
            assertThat(cut.data()).containsExactly(1, 2);
            assertThat(cut.isTruncated()).isTrue();
            assertThat(cut.length()).hasValue(5);
            assertThat(pair.right().receive().isTruncated()).isFalse();
        }
    }

    @Test
    void aCutDatagramIsFlaggedInABatchToo() throws Exception {
        try (var pair = MemoryDatagrams.faultless().pair()) {
            pair.left().command(CUT);
            pair.left().send(new byte[] {1, 2, 3, 4, 5});
            DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(2, 10);
            pair.right().receiveBatch(batch);

            assertThat(batch.isTruncated(0)).isTrue();
            assertThat(batch.length(0)).hasValue(5);
            assertThat(batch.data(0).remaining()).isEqualTo(2);
        }
    }

    @Test
    void whatIsHeldBackComesWhenAskedForOrWhenItsSenderCloses() throws Exception {
        try (var pair = MemoryDatagrams.faultless().pair()) {
            pair.left().command(OVERTAKEN, OVERTAKEN, OVERTAKEN);
            send(pair.left(), 1, 2);
            pair.left().releaseHeldBack();
            assertThat(pair.right().receive().data()[0]).isEqualTo((byte) 1);
            assertThat(pair.right().receive().data()[0]).isEqualTo((byte) 2);
            send(pair.left(), 3);
            pair.left().close();
            assertThat(pair.right().receive().data()[0]).isEqualTo((byte) 3);
        }
    }

    /** What became of 1,000 datagrams: how often each came, and in which order. */
    private static List<Integer> fate(MemoryDatagrams settings) throws IOException {
        List<Integer> came = new ArrayList<>();
        try (var pair = settings.withCapacity(3_000).pair()) {
            for (int i = 0; i < 1_000; i++) {
                pair.left().send(new byte[] {(byte) (i >> 8), (byte) i, 0, 0});
            }
            pair.left().command(NONE);
            pair.left().send(new byte[0]);
            while (true) {
                byte[] data = pair.right().receive().data();
                if (data.length == 0) {
                    return came;
                }
                came.add((data[0] << 8 | data[1] & 0xff) + (data.length == 2 ? 10_000 : 0));
            }
        }
    }

    @Test
    void sameSeedHasTheSameFaultsAndAnotherHasOthers() throws Exception {
        MemoryDatagrams rough = MemoryDatagrams.faultless()
                .withLoss(0.2)
                .withDuplication(0.2)
                .withReordering(0.2)
                .withTruncation(0.2);

        assertThat(fate(rough.withSeed(7))).isEqualTo(fate(rough.withSeed(7)));
        assertThat(fate(rough.withSeed(7))).isNotEqualTo(fate(rough.withSeed(8)));
    }

    @Test
    void eachShareHasItsFaultAndNoOther() throws Exception {
        MemoryDatagrams calm = MemoryDatagrams.faultless().withSeed(3);
        List<Integer> all = fate(calm);
        assertThat(all).hasSize(1_000).isSorted();

        assertThat(fate(calm.withLoss(0.3))).hasSizeBetween(600, 800).isSorted().doesNotHaveDuplicates();
        List<Integer> doubled = fate(calm.withDuplication(0.3));
        assertThat(doubled).hasSizeBetween(1_200, 1_400).isSorted();
        assertThat(new HashSet<>(doubled)).hasSize(1_000);
        List<Integer> reordered = fate(calm.withReordering(0.3));
        assertThat(reordered).containsExactlyInAnyOrderElementsOf(all).isNotEqualTo(all);
        List<Integer> cut = fate(calm.withTruncation(0.3));
        assertThat(cut).hasSize(1_000);
        assertThat(cut.stream().filter(number -> number >= 10_000)).hasSizeBetween(200, 400);
        assertThat(fate(calm.withLoss(1))).isEmpty();
    }

    @Test
    void directionsHaveFaultsOfTheirOwn() throws Exception {
        try (var pair = MemoryDatagrams.faultless().pair()) {
            pair.left().command(LOST);
            send(pair.right(), 1);
            assertThat(pair.left().receive().data()[0]).isEqualTo((byte) 1);
            send(pair.left(), 2);
            assertThat(received(pair)).isEmpty();
        }
    }

    @Test
    void whatFindsNoRoomIsLost() throws Exception {
        try (var pair = MemoryDatagrams.faultless().withCapacity(3).pair()) {
            pair.left().command(NONE, OVERTAKEN, DOUBLED); // the second copy finds no room
            send(pair.left(), 1, 2, 3, 4);
            assertThat(pair.right().receive().data()[0]).isEqualTo((byte) 1);
            assertThat(received(pair)).containsExactly(3, 2);
        }
    }

    @Test
    void aSendThatWaitsKeepsItsFaultForTheNextIfItIsCancelled() throws Exception {
        try (var pair =
                MemoryDatagrams.faultless().withWaitingSenders().withCapacity(2).pair()) {
            send(pair.left(), 1, 2);
            pair.left().command(LOST, DOUBLED);
            send(pair.left(), 3); // needs no room
            TaskGroup.run(group -> {
                Task<Void> waiting = group.fork(() -> send(pair.left(), 4));
                Blocked.await(waiting);
                waiting.cancel();
            });
            for (int number : new int[] {1, 2}) {
                assertThat(pair.right().receive().data()[0]).isEqualTo((byte) number);
            }
            send(pair.left(), 5);
            for (int number : new int[] {5, 5}) {
                assertThat(pair.right().receive().data()[0]).isEqualTo((byte) number);
            }
        }
    }

    @Test
    void aClosedPeerSwallowsWhatIsSentOrRefusesItAsItsKindOfSocketDoes() throws Exception {
        try (var pair = MemoryDatagrams.faultless().pair()) {
            pair.right().close();
            send(pair.left(), 1, 2);
        }
        try (var pair = MemoryDatagrams.faultless().withWaitingSenders().pair()) {
            pair.right().close();
            assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> send(pair.left(), 1));
        }
    }

    @Test
    void impossibleSettingsAreRefused() {
        MemoryDatagrams calm = MemoryDatagrams.faultless();
        assertThatIllegalArgumentException().isThrownBy(() -> calm.withLoss(1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> calm.withReordering(-0.1));
        assertThatIllegalArgumentException().isThrownBy(() -> calm.withTruncation(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> calm.withLoss(0.6).withDuplication(0.6));
        assertThatIllegalArgumentException().isThrownBy(() -> calm.withCapacity(0));
    }
}

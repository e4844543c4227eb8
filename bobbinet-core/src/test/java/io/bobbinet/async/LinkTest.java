package io.bobbinet.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is put back when nobody wants it any more, in every order in which the lane can do so. */
class LinkTest {
    private final AtomicInteger received = new AtomicInteger();
    private final Link<Closeable, Integer> link = new Link<>(
            () -> {},
            received::incrementAndGet,
            () -> {
                throw new AssertionError("nothing comes beside");
            },
            false);

    private List<Arrived<Integer>> take(int count) throws IOException {
        List<Arrived<Integer>> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(link.next());
        }
        return taken;
    }

    private static List<Arrived<Integer>> packets(int first, int last) {
        List<Arrived<Integer>> packets = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            packets.add(new Arrived.Packet<>(i));
        }
        return packets;
    }

    @Test
    void whatIsPutBackComesAgainInItsOrder() throws IOException {
        link.keep(take(5));
        assertThat(take(7)).isEqualTo(packets(1, 7));
    }

    @Test
    void whatIsPutBackComesBeforeWhatIsStillHeld() throws IOException {
        link.keep(take(5));
        link.keep(take(1));
        assertThat(received).hasValue(5);
        link.keep(take(3));
        assertThat(take(6)).isEqualTo(packets(1, 6));
    }
}

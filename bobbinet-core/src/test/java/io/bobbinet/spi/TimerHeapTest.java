package io.bobbinet.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TimerHeapTest {
    private final TimerHeap heap = new TimerHeap();

    private TimerHeap.Entry add(long nanoTime) {
        TimerHeap.Entry entry = new TimerHeap.Entry(nanoTime);
        heap.add(entry);
        return entry;
    }

    private List<Long> drain() {
        List<Long> times = new ArrayList<>();
        for (TimerHeap.Entry first = heap.first(); first != null; first = heap.first()) {
            heap.remove(first);
            times.add(first.nanoTime);
        }
        return times;
    }

    @Test
    void entriesComeInTheOrderOfTheirTimes() {
        List.of(5L, 3L, 9L, -2L, 3L, 7L).forEach(this::add);

        assertThat(drain()).containsExactly(-2L, 3L, 3L, 5L, 7L, 9L);
    }

    @Test
    void timesBeyondAnOverflowOfTheClockAreLater() {
        List.of(Long.MIN_VALUE + 5, Long.MAX_VALUE, Long.MAX_VALUE - 5).forEach(this::add);

        assertThat(drain()).containsExactly(Long.MAX_VALUE - 5, Long.MAX_VALUE, Long.MIN_VALUE + 5);
    }

    @Test
    void removedEntryNeverComes() {
        add(1);
        TimerHeap.Entry entry = add(2);
        add(3);

        heap.remove(entry);

        assertThat(drain()).containsExactly(1L, 3L);
    }

    @Test
    void removingAnEntryTwiceDoesNothing() {
        TimerHeap.Entry entry = add(1);
        add(2);

        heap.remove(entry);
        heap.remove(entry);

        assertThat(drain()).containsExactly(2L);
    }

    @Test
    void behavesAsASortedList() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<TimerHeap.Entry> model = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            int choice = random.nextInt(100);
            if (choice < 50) {
                // A few times only, so that many are equal; now and then one among all others.
                model.add(add(random.nextInt(10) == 0 ? random.nextInt(1_000_000) : i / 10));
            } else if (!model.isEmpty() && choice < 90) {
                TimerHeap.Entry entry = model.remove(random.nextInt(model.size()));
                heap.remove(entry);
            } else if (!model.isEmpty()) {
                TimerHeap.Entry first = Objects.requireNonNull(heap.first());
                heap.remove(first);
                assertThat(model.remove(first))
                        .as("it was pending; seed %d", seed)
                        .isTrue();
                assertThat(model).as("seed %d", seed).allMatch(e -> e.nanoTime >= first.nanoTime);
            }
            assertThat(heap.size()).as("seed %d", seed).isEqualTo(model.size());
        }
        model.sort(Comparator.comparingLong(e -> e.nanoTime));
        assertThat(drain())
                .as("seed %d", seed)
                .isEqualTo(model.stream().map(e -> e.nanoTime).toList());
    }

    @Test
    void holdsAHundredThousandTimersAndForgetsThem() {
        List<TimerHeap.Entry> entries = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            entries.add(add(i));
        }

        entries.forEach(heap::remove);

        assertThat(heap.size()).isZero();
        assertThat(heap.first()).isNull();
    }
}

package io.bobbinet.testkit;

import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** What waiting for something to read promises. */
final class AwaitReadableChecks {
    private AwaitReadableChecks() {}

    static void addTo(BackendContract contract) {
        contract.add("awaitReadableWaitsForData", AwaitReadableChecks::waitsForData);
        contract.add("awaitReadableReturnsAtOnceWithData", AwaitReadableChecks::returnsAtOnceWithData);
        contract.add("awaitReadableWaitsForTheEnd", AwaitReadableChecks::waitsForTheEnd);
        contract.addForTcp("awaitReadableWaitsForAReset", AwaitReadableChecks::waitsForAReset);
        contract.add("awaitReadableNeverReturnsWithoutCause", AwaitReadableChecks::neverReturnsWithoutCause);
    }

    private static Background<Boolean> await(Setting s, StreamHandle handle) {
        return s.start(() -> {
            handle.awaitReadable();
            return true;
        });
    }

    private static void waitsForData(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        for (int i = 0; i < 3; i++) {
            Background<Boolean> waiter = await(s, link.handle());
            waiter.awaitBlocked();
            link.send(new byte[] {1, 2});
            waiter.value();
            Expect.value(link.handle().read(10), new byte[] {1, 2}, "What was there");
        }
    }

    private static void returnsAtOnceWithData(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        link.send(new byte[] {1, 2});
        for (int i = 0; i < 5; i++) {
            link.handle().awaitReadable();
        }
        Expect.value(link.handle().read(1), new byte[] {1}, "What was there");
        link.handle().awaitReadable();
        Expect.value(link.handle().read(1), new byte[] {2}, "The rest");
    }

    private static void waitsForTheEnd(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Background<Boolean> waiter = await(s, link.handle());
        waiter.awaitBlocked();
        link.peer().close();
        waiter.value();
        Expect.value(link.handle().read(10), new byte[0], "The end");
        link.handle().awaitReadable();
    }

    private static void waitsForAReset(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        Background<Boolean> waiter = await(s, link.handle());
        waiter.awaitBlocked();
        link.reset();
        waiter.value();
        Expect.failure(IOException.class, () -> link.handle().read(10));
    }

    /** Late news of data that was read meanwhile must not end a wait. */
    private static void neverReturnsWithoutCause(Setting s) throws IOException, InterruptedException {
        Setting.Link link = s.link();
        int total = 3_000;
        AtomicLong sent = new AtomicLong();
        AtomicLong taken = new AtomicLong();
        long seed = s.random.nextLong();
        Background<Boolean> writer = s.startAside(() -> {
            Random random = new Random(seed);
            while (sent.get() < total) {
                StressChecks.pause(random);
                if (sent.get() == taken.get() || random.nextInt(4) == 0) {
                    sent.incrementAndGet();
                    link.send(new byte[1]);
                } else {
                    Thread.yield();
                }
            }
            return true;
        });
        Background<Boolean> reader = s.start(() -> {
            while (taken.get() < total) {
                link.handle().awaitReadable();
                Expect.that(sent.get() > taken.get(), "It returned after byte " + taken + ", with nothing sent");
                taken.addAndGet(link.handle().read(1 + s.random.nextInt(2)).length);
            }
            return true;
        });
        reader.value();
        writer.value();
    }
}

package io.bobbinet.testkit;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** An interrupt ends a receive that waits; nothing is taken, and the handle is usable. */
final class DatagramInterruptChecks {
    private DatagramInterruptChecks() {}

    static void addTo(BackendContract contract) {
        contract.addForDatagrams("interruptEndsAReceiveOfADatagram", DatagramInterruptChecks::interruptEndsAReceive);
        contract.addForDatagrams("pendingInterruptEndsAReceiveOfADatagram", DatagramInterruptChecks::pendingInterrupt);
        contract.addForDatagrams("pendingInterruptLosesNoDatagram", DatagramInterruptChecks::pendingLosesNothing);
        contract.addForDatagrams("pendingInterruptIsNoMatterForASend", DatagramInterruptChecks::pendingAtASend);
        contract.addForDatagrams("interruptedReceivesLoseNoDatagram", DatagramInterruptChecks::interruptedReceives);
    }

    /** The calls that wait for a datagram. */
    private static List<ThrowingRunnable<?>> receives(DatagramHandle handle, DatagramVector batch) {
        return List.of(() -> handle.receive(10), () -> handle.receive(batch), handle::awaitReadable);
    }

    private static Background<Boolean> start(DatagramSetting s, ThrowingRunnable<?> body) {
        return s.start(() -> {
            body.run();
            return true;
        });
    }

    private static void interruptEndsAReceive(DatagramSetting s) throws IOException, InterruptedException {
        DatagramVector batch = new DatagramVector(2, 10);
        for (DatagramSetting.Pair pair : List.of(s.pair(), s.connected())) {
            for (ThrowingRunnable<?> call : receives(pair.other(), batch)) {
                Background<Boolean> waiter = start(s, call);
                waiter.awaitBlocked();
                waiter.interrupt();
                interrupted(waiter, pair.other());
                Expect.value(batch.size(), 0, "The size of an interrupted batch");
                pair.send(1, 2);
                pair.expect(1, 2);
            }
        }
    }

    private static void interrupted(Background<Boolean> waiter, DatagramHandle handle) {
        waiter.failure(InterruptedException.class);
        Expect.that(!waiter.endedInterrupted(), "InterruptedException must clear the interrupt status");
        Expect.that(handle.isOpen(), "An interrupt must leave the handle open");
    }

    private static void pendingInterrupt(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        DatagramVector batch = new DatagramVector(2, 10);
        batch.add(0, 1, 1); // of earlier
        for (ThrowingRunnable<?> call : receives(pair.other(), batch)) {
            Background<Boolean> waiter = start(s, () -> {
                Thread.currentThread().interrupt();
                call.run();
            });
            interrupted(waiter, pair.other());
        }
        Expect.value(batch.size(), 0, "The size of an interrupted batch");
        pair.send(1);
        pair.expect(1);
    }

    /** A call that need not wait may take the datagram and leave the status, or throw and leave the datagram. */
    private static void pendingLosesNothing(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        pair.send(1);
        pair.send(2);
        pair.other().awaitReadable();
        Background<byte[]> receive = s.start(() -> {
            Thread.currentThread().interrupt();
            try {
                byte[] taken = pair.other().receive(10).data();
                Expect.that(Thread.interrupted(), "A receive that succeeds must leave the interrupt status");
                return taken;
            } catch (InterruptedException e) {
                return pair.other().receive(10).data();
            }
        });
        Expect.value(receive.value(), new byte[] {1}, "What was there");
        pair.expect(2);
    }

    /** What applies to a receive applies to a send that has room, empty or not. */
    private static void pendingAtASend(DatagramSetting s) throws IOException, InterruptedException {
        for (DatagramSetting.Pair pair : List.of(s.pair(), s.connected())) {
            for (int[] data : new int[][] {{}, {1}}) {
                Background<Boolean> sender = s.start(() -> {
                    Thread.currentThread().interrupt();
                    try {
                        pair.send(data);
                        Expect.that(Thread.interrupted(), "A send that succeeds must leave the interrupt status");
                    } catch (InterruptedException e) {
                        pair.send(data);
                    }
                    return true;
                });
                sender.value();
                pair.expect(data);
            }
            Expect.that(pair.one().isOpen(), "An interrupt must leave the handle open");
        }
    }

    private static void interruptedReceives(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        int total = 2_000;
        Semaphore room = new Semaphore(20);
        AtomicInteger interrupts = new AtomicInteger();
        DatagramVector batch = new DatagramVector(4, 100);
        Background<Boolean> receiver = s.start(() -> {
            for (int number = 0; number < total; ) {
                try {
                    int before = number;
                    number += number % 2 == 0
                            ? receiveOne(pair.other(), number)
                            : receiveBatch(pair.other(), batch, number);
                    room.release(number - before);
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                }
            }
            return true;
        });
        long seed = s.random.nextLong();
        Background<Integer> pest = s.startAside(() -> InterruptChecks.pester(receiver, new Random(seed)));
        InterruptChecks.awaitStrike(interrupts);
        for (int i = 0; i < total; i++) {
            DatagramSetting.acquire(room);
            pair.send(i >> 8, i);
            StressChecks.pause(s.random);
        }
        receiver.value();
        pest.value();
    }

    private static int receiveOne(DatagramHandle handle, int number) throws IOException, InterruptedException {
        expect(handle.receive(100).data(), number);
        return 1;
    }

    private static int receiveBatch(DatagramHandle handle, DatagramVector batch, int number)
            throws IOException, InterruptedException {
        handle.awaitReadable();
        handle.receive(batch);
        for (int i = 0; i < batch.size(); i++) {
            expect(DatagramSetting.bytes(batch, i), number + i);
        }
        return batch.size();
    }

    private static void expect(byte[] data, int number) {
        Expect.value(data, new byte[] {(byte) (number >> 8), (byte) number}, "The datagram " + number);
    }
}

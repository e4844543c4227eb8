package io.bobbinet.net;

import io.bobbinet.spi.TimeSource;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimeSources;
import java.io.Closeable;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/*
 * Connecting to a host that has several addresses, RFC 8305 ("Happy Eyeballs version 2").
 *
 * A name often has addresses of both families, and from many places one family leads nowhere: packets vanish, and the
 * attempt fails only after minutes. To try the addresses in turn would make the user wait for that; to try all at once would
 * burden servers and networks with connections that nobody wants. So the attempts are staggered:
 *
 *   - The candidates are sorted so that the families take turns, IPv6 first (section 4; "First Address Family Count" is 1).
 *     Within a family they keep the order of the resolver, which has sorted them by RFC 6724.
 *   - The first attempt starts at once. The next one starts when the "Connection Attempt Delay" has passed since the last
 *     start (section 5; 250 ms unless told otherwise), or as soon as an attempt fails. Earlier attempts keep running: a slow
 *     address may still win.
 *   - The first attempt to succeed wins. The others are cancelled, and the race is over only when each of them has ended and
 *     closed what it had opened, one that connected in the same instant included. So there is never a socket left over.
 *   - If all fail, the exception lists every attempt with its address.
 *
 * An attempt fails by IOException. Anything else is a mistake somewhere and ends the race as it is.
 *
 * What is left out, and why. The RFC lets the race begin when the first of two DNS answers is there (section 3, "Resolution
 * Delay" 50 ms); the system's resolver gives both families in one answer, so there is nothing to start early with. It also
 * suggests to remember which family won (section 4); that saves at most one delay, and goes wrong each time a network
 * changes. The minimum delay of 10 ms (section 8) is not enforced: zero means all at once, which tests and impatient callers
 * may want, and the default is what the RFC recommends.
 *
 * How it runs. The race is a loop on the caller's thread inside a task group whose children are the attempts. In each round
 * it starts an attempt if one is due, waits for news until the next will be due, and deals with it. News come through a
 * queue; the wait is at a wait point that attempts and a timer signal. Time is that of the time source in force, so that
 * tests play a race as a script of events on virtual time, without sockets.
 *
 * Whoever cancels the caller cancels the group and so the attempts. The group then ends by exception although there may be
 * a winner in the queue, or even taken out of it: what does not reach the caller is closed at the end, in all cases.
 */
/**
 * One race of attempts to connect.
 *
 * @param <T> what an attempt gives
 */
final class HappyEyeballs<T extends Closeable> {

    /** Makes one attempt: connects, or throws and leaves nothing open. */
    interface Attempt<T> {
        T connect(InetSocketAddress address) throws IOException;
    }

    /** How an attempt ended. */
    private sealed interface News<T> {}

    private record Connected<T>(T connection) implements News<T> {}

    private record Failed<T>(InetSocketAddress address, IOException failure) implements News<T> {}

    private final String target;
    private final List<InetSocketAddress> candidates;
    private final long delayNanos;
    private final Attempt<T> attempt;
    private final TimeSource time = TimeSources.current();

    private final ConcurrentLinkedQueue<News<T>> news = new ConcurrentLinkedQueue<>();
    private final WaitPoint somethingNew = new WaitPoint("connect");

    /** In the order in which they failed; for the caller's thread, as are the fields below. */
    private final List<IOException> failures = new ArrayList<>();

    private int started;
    private long nextStart = time.nanoTime();

    /**
     * Prepares a race.
     *
     * @param target where to, for the message of a failure
     * @param addresses the candidates, in the order of the resolver; at least one
     * @param delay how long an attempt runs alone
     * @param attempt makes an attempt
     */
    HappyEyeballs(String target, List<InetSocketAddress> addresses, Duration delay, Attempt<T> attempt) {
        this.target = target;
        this.candidates = interleave(addresses);
        this.delayNanos = nanos(delay);
        this.attempt = attempt;
    }

    /** The families in turn, IPv6 first, each in its order. */
    static List<InetSocketAddress> interleave(List<InetSocketAddress> addresses) {
        List<InetSocketAddress> v6 = new ArrayList<>();
        List<InetSocketAddress> v4 = new ArrayList<>();
        for (InetSocketAddress address : addresses) {
            (address.getAddress() instanceof Inet6Address ? v6 : v4).add(address);
        }
        List<InetSocketAddress> mixed = new ArrayList<>(addresses.size());
        for (int i = 0; i < Math.max(v6.size(), v4.size()); i++) {
            if (i < v6.size()) {
                mixed.add(v6.get(i));
            }
            if (i < v4.size()) {
                mixed.add(v4.get(i));
            }
        }
        return mixed;
    }

    private static long nanos(Duration delay) {
        Duration longest = Duration.ofNanos(Long.MAX_VALUE / 4); // 73 years, and no overflow when added to the time
        return delay.compareTo(longest) > 0 ? longest.toNanos() : delay.toNanos();
    }

    /** Runs the race, and gives the winner's connection. */
    T run() throws IOException {
        List<T> winner = new ArrayList<>(1);
        boolean handedOver = false;
        try {
            TaskGroup.run(group -> {
                winner.add(race(group));
                group.cancel("another address has answered first");
            });
            handedOver = true;
            return winner.getFirst();
        } finally {
            if (!handedOver) {
                winner.forEach(HappyEyeballs::close);
            }
            for (News<T> late : news) {
                if (late instanceof Connected<T>(T connection)) {
                    close(connection);
                }
            }
        }
    }

    private T race(TaskGroup group) throws IOException {
        while (true) {
            startIfDue(group);
            switch (awaitNews()) {
                case null -> {} // the delay is over
                case Connected<T>(T connection) -> {
                    return connection;
                }
                case Failed<T>(InetSocketAddress address, IOException failure) -> failed(address, failure);
            }
        }
    }

    private void startIfDue(TaskGroup group) {
        while (started < candidates.size() && nextStart - time.nanoTime() <= 0) {
            InetSocketAddress address = candidates.get(started++);
            nextStart = time.nanoTime() + delayNanos;
            group.fork(() -> run(address));
        }
    }

    private void run(InetSocketAddress address) {
        News<T> mine;
        try {
            mine = new Connected<>(attempt.connect(address));
        } catch (IOException e) {
            mine = new Failed<>(address, e);
        }
        news.add(mine);
        somethingNew.signal();
    }

    /** Waits for an attempt to end, or until the next is due: then there are no news. */
    private @Nullable News<T> awaitNews() throws IOException {
        TimeSource.Timer timer = () -> {};
        if (started < candidates.size()) {
            timer = time.schedule(nextStart, somethingNew::signal);
        }
        try {
            News<T> first = news.poll();
            while (first == null && !(started < candidates.size() && nextStart - time.nanoTime() <= 0)) {
                somethingNew.await();
                first = news.poll();
            }
            return first;
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } finally {
            timer.cancel();
        }
    }

    private void failed(InetSocketAddress address, IOException failure) throws ConnectionFailedException {
        failures.add(SocketErrors.about(address, failure));
        nextStart = time.nanoTime();
        if (failures.size() < candidates.size()) {
            return;
        }
        ConnectionFailedException all =
                new ConnectionFailedException("Cannot connect to " + target + ": " + why(address, failure));
        all.initCause(failures.getFirst());
        failures.forEach(all::addSuppressed);
        throw all;
    }

    /** With the address, unless that is the target. */
    private @Nullable String why(InetSocketAddress last, IOException failure) {
        String first = failures.getFirst().getMessage();
        if (failures.size() > 1) {
            return failures.size() + " attempts failed, the first with " + first;
        }
        return AddressText.of(last).equals(target) ? failure.getMessage() : first;
    }

    private static void close(Closeable loser) {
        try {
            loser.close();
        } catch (IOException e) {
            // Of a connection that nobody has seen.
        }
    }
}

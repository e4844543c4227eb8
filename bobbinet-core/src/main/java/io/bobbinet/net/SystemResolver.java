package io.bobbinet.net;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The resolver of the JDK, on threads of its own, so that whoever asks can stop waiting. */
final class SystemResolver implements Resolver {
    static final SystemResolver INSTANCE = new SystemResolver();

    static final int MOST_THREADS = 16;
    private static final int IDLE_SECONDS = 2;

    /** Platform threads: getaddrinfo(3) would block the carriers of virtual ones. */
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            MOST_THREADS,
            MOST_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform()
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .name("bobbinet-resolver-", 0)
                    .factory());

    SystemResolver() {
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        Objects.requireNonNull(host, "host");
        return lookUp(() -> List.of(InetAddress.getAllByName(host)));
    }

    @Override
    public String reverse(InetAddress address) throws IOException {
        // Without the name that the address may have been made with.
        InetAddress bare = InetAddress.getByAddress(address.getAddress());
        String name = lookUp(bare::getCanonicalHostName);
        if (name.equals(bare.getHostAddress())) {
            throw new UnknownHostException(AddressText.of(address) + ": the address has no name");
        }
        return name;
    }

    /** Asks a question on one of the threads; an answer that nobody waits for any more is thrown away. */
    <T> T lookUp(Callable<T> question) throws IOException {
        CancelScope.checkpoint();
        WaitPoint answered = new WaitPoint("resolve");
        FutureTask<T> answer = new FutureTask<>(question) {
            @Override
            protected void done() {
                answered.signal();
            }
        };
        threads.execute(answer);
        try {
            answered.await();
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(false);
            threads.remove(answer);
            throw CancelScope.interrupted(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownHostException unknown) {
                // A new one: a stack trace of the thread that asked.
                UnknownHostException mine = new UnknownHostException(unknown.getMessage());
                mine.initCause(unknown);
                throw mine;
            }
            throw new IOException("The name look-up failed: " + e.getCause(), e.getCause());
        }
    }
}

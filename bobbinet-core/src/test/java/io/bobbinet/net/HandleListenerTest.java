package io.bobbinet.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a listener makes of what its handles report. */
@Timeout(30)
class HandleListenerTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 80);

    private static StreamHandle connection() {
        return new ScriptedHandle(() -> new byte[1], source -> 1);
    }

    @Test
    void anAcceptThatFailsLeavesTheListenerUsable() throws IOException {
        var calls = new AtomicInteger();
        TcpListener listener = TcpListener.over(List.of(new ScriptedListenerHandle(LOCAL, () -> {
            if (calls.incrementAndGet() == 1) {
                throw new SocketException("Too many open files");
            }
            return connection();
        })));
        assertThatThrownBy(() -> listener.accept())
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("Too many open files: 127.0.0.1:80");
        assertThat(listener.accept()).isNotNull();
    }

    @Test
    void whatTwoSocketsAcceptAtOnceIsGivenOutInTurn() throws Exception {
        var go = List.of(new WaitPoint("accept"), new WaitPoint("accept"));
        TcpListener listener = TcpListener.over(go.stream()
                .map(point -> (io.bobbinet.spi.ListenerHandle) new ScriptedListenerHandle(LOCAL, () -> {
                    // Does not let itself be interrupted: both have a connection before either is given out.
                    point.awaitUninterruptibly();
                    return connection();
                }))
                .toList());
        FutureTask<TcpStream> first = new FutureTask<>(listener::accept);
        Thread.ofVirtual().start(first);
        go.forEach(WaitPoint::signal);
        first.get();
        assertThat(listener.accept()).isNotSameAs(first.get());
    }

    @Test
    void whatWasAcceptedAheadIsClosedWithTheListener() throws Exception {
        var go = List.of(new WaitPoint("accept"), new WaitPoint("accept"));
        var accepted = List.of(connection(), connection());
        TcpListener listener = TcpListener.over(List.of(
                new ScriptedListenerHandle(LOCAL, () -> {
                    go.getFirst().awaitUninterruptibly();
                    return accepted.getFirst();
                }),
                new ScriptedListenerHandle(LOCAL, () -> {
                    go.getLast().awaitUninterruptibly();
                    return accepted.getLast();
                })));
        FutureTask<TcpStream> first = new FutureTask<>(listener::accept);
        Thread.ofVirtual().start(first);
        go.forEach(WaitPoint::signal);
        first.get();
        listener.close();
        assertThat(accepted).filteredOn(StreamHandle::isOpen).hasSize(1);
    }
}

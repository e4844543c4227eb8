package io.bobbinet.testkit;

import io.bobbinet.spi.Capability;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicReference;

/** Addresses, options, adoption, task threads. */
final class BackendBasics {
    private BackendBasics() {}

    static void addTo(BackendContract contract) {
        contract.add("addressesOfBothEndsAgree", BackendBasics::addressesOfBothEndsAgree);
        contract.add("anUnboundSocketHasNoAddress", BackendBasics::anUnboundSocketHasNoAddress);
        contract.add("bindBeforeConnectChoosesTheLocalAddress", BackendBasics::bindChoosesTheLocalAddress);
        contract.add("optionsAreSetAndAsked", BackendBasics::optionsAreSetAndAsked);
        contract.add("foreignOptionIsUnsupported", BackendBasics::foreignOptionIsUnsupported);
        contract.add("optionsOfAClosedSocketFail", BackendBasics::optionsOfAClosedSocketFail);
        contract.add("foreignFamilyIsUnsupported", BackendBasics::foreignFamilyIsUnsupported);
        contract.add("taskThreadRunsItsBody", BackendBasics::taskThreadRunsItsBody);
        contract.add("adoptedStreamWorks", BackendBasics::adoptedStreamWorks);
        contract.add("adoptedListenerWorks", BackendBasics::adoptedListenerWorks);
        contract.add("refusedAdoptionLeavesTheChannelAlone", BackendBasics::refusedAdoptionLeavesTheChannelAlone);
    }

    private static void addressesOfBothEndsAgree(Setting s) throws IOException, InterruptedException {
        ListenerHandle listener = s.listen(1);
        SocketAddress address = listener.localAddress();
        if (address instanceof InetSocketAddress inet) {
            Expect.that(inet.getPort() != 0, "A listener on port 0 must tell its real port");
        }
        StreamHandle client = s.open();
        client.connect(address);
        StreamHandle server = s.accept(listener);
        Expect.value(client.remoteAddress(), address, "The client's remote address");
        Expect.value(server.localAddress(), address, "The server's local address");
        Expect.value(server.remoteAddress(), client.localAddress(), "The server's remote address");
    }

    private static void anUnboundSocketHasNoAddress(Setting s) throws IOException {
        StreamHandle handle = s.open();
        Expect.failure(IOException.class, handle::remoteAddress);
        SocketAddress local = handle.localAddress();
        if (local instanceof InetSocketAddress inet) {
            Expect.that(s.transport.isTcp(), "A UNIX socket must have a UNIX name, not " + local);
            Expect.value(inet.getPort(), 0, "The port of an unbound socket");
        } else {
            Expect.value(local, new UnixName(new byte[0]), "The name of an unbound socket");
        }
    }

    private static void bindChoosesTheLocalAddress(Setting s) throws IOException, InterruptedException {
        ServerSocketChannel server = s.listenPeer(1);
        StreamHandle handle = s.open();
        handle.bind(Transport.toSpi(s.freeAddress()));
        SocketAddress local = handle.localAddress();
        handle.connect(Transport.toSpi(server.getLocalAddress()));
        SocketChannel peer = s.keep(server.accept());
        Expect.value(handle.localAddress(), local, "The local address after the connect");
        Expect.value(Transport.toSpi(peer.getRemoteAddress()), local, "What the peer sees");
    }

    private static void optionsAreSetAndAsked(Setting s) throws IOException, InterruptedException {
        StreamHandle handle = s.link().handle();
        Expect.that(
                handle.supportedOptions().contains(StandardSocketOptions.SO_RCVBUF),
                "Every stream socket has a receive buffer");
        int before = handle.getOption(StandardSocketOptions.SO_RCVBUF);
        handle.setOption(StandardSocketOptions.SO_RCVBUF, before / 4);
        int after = handle.getOption(StandardSocketOptions.SO_RCVBUF);
        Expect.that(after > 0 && after < before, "SO_RCVBUF stays at " + after);
        if (s.transport.isTcp()) {
            for (boolean value : new boolean[] {true, false}) {
                handle.setOption(StandardSocketOptions.TCP_NODELAY, value);
                Expect.value(handle.getOption(StandardSocketOptions.TCP_NODELAY), value, "TCP_NODELAY");
            }
        }
    }

    private static void foreignOptionIsUnsupported(Setting s) throws IOException {
        StreamHandle handle = s.open();
        SocketOption<Integer> foreign = new SocketOption<>() {
            @Override
            public String name() {
                return "FOREIGN";
            }

            @Override
            public Class<Integer> type() {
                return Integer.class;
            }
        };
        Expect.that(!handle.supportedOptions().contains(foreign), "A made-up option is supported");
        Expect.failure(UnsupportedOperationException.class, () -> handle.setOption(foreign, 1));
        Expect.failure(UnsupportedOperationException.class, () -> handle.getOption(foreign));
        if (!s.transport.isTcp()) {
            Expect.failure(
                    UnsupportedOperationException.class,
                    () -> handle.setOption(StandardSocketOptions.TCP_NODELAY, true));
        }
    }

    private static void optionsOfAClosedSocketFail(Setting s) throws IOException {
        StreamHandle handle = s.open();
        handle.close();
        Expect.failure(ClosedChannelException.class, () -> handle.setOption(StandardSocketOptions.SO_RCVBUF, 10_000));
        Expect.failure(ClosedChannelException.class, () -> handle.getOption(StandardSocketOptions.SO_RCVBUF));
    }

    private static void foreignFamilyIsUnsupported(Setting s) {
        ProtocolFamily foreign = () -> "FOREIGN";
        Expect.failure(UnsupportedOperationException.class, () -> s.backend.openStream(foreign));
        Expect.failure(UnsupportedOperationException.class, () -> s.backend.openListener(foreign));
    }

    private static void taskThreadRunsItsBody(Setting s) throws InterruptedException {
        AtomicReference<String> ran = new AtomicReference<>("nothing");
        Thread thread = s.backend.newTaskThread(
                "my task", () -> ran.set(Thread.currentThread().getName()));
        Expect.value(thread.getState(), Thread.State.NEW, "The state of a new task thread");
        thread.start();
        Expect.that(thread.join(Background.PATIENCE), "The task thread hangs");
        Expect.value(ran.get(), "my task", "The name of the task's thread");
        Thread nameless = s.backend.newTaskThread("", () -> {});
        nameless.start();
        Expect.that(nameless.join(Background.PATIENCE), "The task thread hangs");
    }

    private static void adoptedStreamWorks(Setting s) throws IOException, InterruptedException {
        if (!s.backend.capabilities().contains(Capability.CHANNEL_ADOPTION)) {
            Expect.failure(UnsupportedOperationException.class, () -> s.backend.adoptStream(s.openPeer()));
            return;
        }
        ServerSocketChannel server = s.listenPeer(1);
        SocketChannel channel = s.openPeer();
        channel.connect(server.getLocalAddress());
        SocketChannel peer = s.keep(server.accept());
        StreamHandle handle = s.backend.adoptStream(channel);
        s.keep(handle::close);
        Setting.Link link = new Setting.Link(handle, peer);
        Background<byte[]> read = s.start(() -> handle.read(10));
        read.awaitBlocked();
        link.send(new byte[] {1, 2});
        Expect.value(read.value(), new byte[] {1, 2}, "What was read");
        handle.write(java.nio.ByteBuffer.wrap(new byte[] {3}));
        Expect.value(link.receive(1), new byte[] {3}, "What was written");
        handle.close();
        Expect.that(!channel.isOpen(), "The handle owns the channel and must close it");
    }

    private static void adoptedListenerWorks(Setting s) throws IOException, InterruptedException {
        if (!s.backend.capabilities().contains(Capability.CHANNEL_ADOPTION)) {
            Expect.failure(UnsupportedOperationException.class, () -> s.backend.adoptListener(s.listenPeer(1)));
            return;
        }
        ServerSocketChannel server = s.listenPeer(5);
        ListenerHandle listener = s.backend.adoptListener(server);
        s.keep(listener::close);
        Background<StreamHandle> accepted = s.start(() -> s.accept(listener));
        accepted.awaitBlocked();
        SocketChannel peer = s.connectPeer(listener);
        peer.write(java.nio.ByteBuffer.wrap(new byte[] {7}));
        Expect.value(accepted.value().read(10), new byte[] {7}, "What was read");
        listener.close();
        Expect.that(!server.isOpen(), "The handle owns the channel and must close it");
    }

    private static void refusedAdoptionLeavesTheChannelAlone(Setting s) throws IOException {
        try (DatagramChannel wrong = DatagramChannel.open()) {
            Expect.failure(Exception.class, () -> s.backend.adoptStream(wrong));
            Expect.failure(Exception.class, () -> s.backend.adoptListener(wrong));
            Expect.that(wrong.isOpen() && wrong.isBlocking(), "The channel is still the caller's, as it was");
        }
        SocketChannel closed = s.openPeer();
        closed.close();
        Class<? extends Exception> expected = s.backend.capabilities().contains(Capability.CHANNEL_ADOPTION)
                ? IOException.class
                : UnsupportedOperationException.class;
        Expect.failure(expected, () -> s.backend.adoptStream(closed));
    }
}

package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Plain receives of a stream that passes descriptors, its ends, guards and cancellation, and how it takes a stream over. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("UnixDescriptorStreamEndTest")
@Timeout(30)
class UnixDescriptorStreamEndTest extends DescriptorPair {
    // -- plain receives

    @Test
    void plainReceivesKeepWhatTheyMeetUntilItIsTaken() throws IOException {
        send("a", "one");
        send("b", "two", "three");
        send("c", "four");
        assertThat(text(receiver.receive())).isEqualTo("a");
        ByteBuffer buffer = ByteBuffer.allocate(200_000);
        assertThat(receiver.receive(buffer)).isEqualTo(1);
        assertThat(buffer.get(0)).isEqualTo((byte) 'b');
        try (UnixMessage message = receiver.receiveMessage(10)) {
            assertThat(OpenFiles.read(message.descriptors())).containsExactly("four");
        }
        assertThat(OpenFiles.read(receiver.takeDescriptors())).containsExactly("one", "two", "three");
        assertThat(receiver.takeDescriptors()).isEmpty();
        assertThat(receiver.hasLostDescriptors()).isFalse();
        assertNothingIsLeftOpen();
    }

    @Test
    void closingClosesWhatWasNotTaken() throws IOException {
        send("a", "one");
        send("b", "two", "three");
        receiver.receive();
        receiver.receive();
        List<Descriptor> files = OpenFiles.files(folder, "x");
        receiver.close();
        OpenFiles.close(files);
        assertThat(OpenFiles.count()).isEqualTo(before - 1);
        assertFails(ClosedResourceException.class, () -> receiver.takeDescriptors());
    }

    @Test
    void plainReceivesKeepNoMoreThanOneMessageCanHave() throws IOException {
        try (Descriptor file = OpenFiles.file(folder, "x")) {
            sender.sendMessage(bytes("a"), Collections.nCopies(200, file));
            sender.sendMessage(bytes("b"), Collections.nCopies(100, file));
        }
        receiver.receive();
        assertThat(receiver.hasLostDescriptors()).isFalse();
        receiver.receive();
        assertThat(receiver.hasLostDescriptors()).isTrue();
        List<Descriptor> kept = receiver.takeDescriptors();
        assertThat(kept).hasSize(253);
        OpenFiles.close(kept);
        assertNothingIsLeftOpen();
    }

    @Test
    void aStreamWithoutDescriptorsLetsTheSystemCloseThem() throws IOException {
        try (StreamPair<UnixStream> streams = Unix.pair();
                UnixDescriptorStream passing = streams.left().withDescriptors();
                Descriptor file = OpenFiles.file(folder, "x")) {
            long open = OpenFiles.count();
            passing.sendMessage(bytes("abc"), List.of(file));
            assertThat(text(streams.right().receive(1))).isEqualTo("a");
            assertThat(text(streams.right().receive())).isEqualTo("bc");
            assertThat(OpenFiles.count()).isEqualTo(open);
        }
    }

    @Test
    void aLongBufferIsFilledPieceByPiece() throws Exception {
        byte[] data = new byte[1 << 20];
        new Random(23).nextBytes(data);
        ByteBuffer received = ByteBuffer.allocateDirect(data.length);
        TaskGroup.run(group -> {
            group.fork(() -> sender.send(data));
            while (received.hasRemaining()) {
                assertThat(receiver.receive(received)).isPositive();
            }
        });
        byte[] all = new byte[data.length];
        received.get(0, all);
        assertThat(Arrays.equals(all, data)).isTrue();
    }

    // -- ends, guards, cancellation

    @Test
    void endsClosesAndResetsAreToldAsByEveryStream() throws IOException {
        sender.send(bytes("unread"));
        receiver.close();
        assertFails(BrokenResourceException.class, () -> sender.receiveMessage(10))
                .hasCauseInstanceOf(SocketException.class);
        try (Descriptor file = OpenFiles.file(folder, "x")) {
            assertFails(BrokenResourceException.class, () -> sender.sendMessage(bytes("x"), List.of(file)));
            assertFails(ClosedResourceException.class, () -> receiver.receiveMessage(10));
            assertFails(ClosedResourceException.class, () -> receiver.sendMessage(bytes("x"), List.of(file)));
            sender.close();
            assertFails(ClosedResourceException.class, () -> sender.receiveMessage(10));
        }
    }

    @Test
    void anOrderlyEndComesAfterTheLastMessage() throws IOException {
        send("last", "file");
        sender.sendEof();
        try (Descriptor file = OpenFiles.file(folder, "x")) {
            assertFails(ClosedResourceException.class, () -> sender.sendMessage(bytes("x"), List.of(file)));
        }
        try (UnixMessage message = receiver.receiveMessage(10)) {
            assertThat(message.descriptors()).hasSize(1);
        }
        assertFails(EndOfStreamException.class, () -> receiver.receiveMessage(10));
        assertFails(EndOfStreamException.class, () -> receiver.receive());
    }

    @Test
    void allWaysToReceiveShareAGuardAndSoDoAllToSend() throws Exception {
        List<Descriptor> files = OpenFiles.files(folder, "x");
        TaskGroup.run(group -> {
            Task<?> receiving = group.fork(() -> sender.receiveMessage(1).close());
            Task<?> sending = group.fork(() -> sender.sendMessage(new byte[TOO_MUCH], files));
            Blocked.await(receiving);
            Blocked.await(sending);
            assertFails(BusyResourceException.class, () -> sender.receive());
            assertFails(BusyResourceException.class, () -> sender.receiveMessage(1));
            assertFails(BusyResourceException.class, () -> sender.send(bytes("x")));
            assertFails(BusyResourceException.class, () -> sender.sendMessage(bytes("x"), files));
            assertFails(BusyResourceException.class, () -> sender.sendEof());
            receiver.send(bytes("x"));
            receiving.join();
            drain(TOO_MUCH);
            sending.join();
        });
        OpenFiles.close(files);
        assertThat(receiver.takeDescriptors()).hasSize(1).allSatisfy(Descriptor::close);
    }

    @Test
    @Tag("smoke")
    void aCancelledReceiveHasTakenNothing() throws Exception {
        TaskGroup.run(group -> {
            Task<?> receiving = group.fork(() -> receiver.receiveMessage(10).close());
            Blocked.await(receiving);
            receiving.cancel();
            receiving.await();
        });
        send("whole", "file");
        try (UnixMessage message = receiver.receiveMessage(10)) {
            assertThat(text(message.data())).isEqualTo("whole");
            assertThat(OpenFiles.read(message.descriptors())).containsExactly("file");
        }
    }

    @Test
    void aSendCancelledBeforeItsFirstByteHasPassedNothing() throws Exception {
        int filled = fill();
        try (Descriptor file = OpenFiles.file(folder, "x")) {
            TaskGroup.run(group -> {
                Task<?> sending = group.fork(() -> sender.sendMessage(bytes("x"), List.of(file)));
                Blocked.await(sending);
                sending.cancel();
                sending.await();
            });
        }
        drain(filled);
        assertNothingWasSent();
    }

    @Test
    void aSendCutOffInItsMiddleHasPassedTheDescriptorsAndPoisonsTheSending() throws Exception {
        try (Descriptor file = OpenFiles.file(folder, "x")) {
            TaskGroup.run(group -> {
                Task<?> sending = group.fork(() -> sender.sendMessage(new byte[TOO_MUCH], List.of(file)));
                Blocked.await(sending);
                sending.cancel();
                sending.await();
            });
            assertFails(BrokenResourceException.class, () -> sender.sendMessage(bytes("x"), List.of(file)))
                    .hasMessageContaining("cut off after");
        }
        try (UnixMessage message = receiver.receiveMessage(1)) {
            assertThat(message.descriptors()).hasSize(1);
        }
        assertNothingIsLeftOpen();
    }

    @Test
    void closingWakesABlockedReceiveAndABlockedSend() throws Exception {
        List<Descriptor> files = OpenFiles.files(folder, "x");
        TaskGroup.run(group -> {
            Task<?> receiving = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> sender.receiveMessage(1));
            });
            Task<?> sending = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> sender.sendMessage(new byte[TOO_MUCH], files));
            });
            Blocked.await(receiving);
            Blocked.await(sending);
            sender.close();
        });
        OpenFiles.close(files);
    }

    // -- taking over

    @Test
    void theStreamThatWasTakenOverCountsAsClosedAndItsCloseClosesNothing() throws IOException {
        try (StreamPair<UnixStream> streams = Unix.pair()) {
            UnixStream plain = streams.left();
            try (UnixDescriptorStream passing = plain.withDescriptors()) {
                assertFails(ClosedResourceException.class, plain::receive);
                assertFails(ClosedResourceException.class, plain::withDescriptors);
                plain.close();
                passing.send(bytes("lives"));
                assertThat(text(streams.right().receive())).isEqualTo("lives");
            }
            assertFails(EndOfStreamException.class, () -> streams.right().receive());
        }
    }

    @Test
    void aStreamIsTakenOverInTheStateInWhichItIs() throws Exception {
        try (StreamPair<UnixStream> streams = Unix.pair()) {
            TaskGroup.run(group -> {
                Task<?> sending = group.fork(() -> streams.left().send(new byte[TOO_MUCH]));
                Blocked.await(sending);
                assertFails(BusyResourceException.class, () -> streams.left().withDescriptors());
                sending.cancel();
                sending.await();
            });
            streams.right().sendEof();
            assertFails(EndOfStreamException.class, () -> streams.left().receive());
            try (UnixDescriptorStream passing = streams.left().withDescriptors()) {
                assertFails(BrokenResourceException.class, () -> passing.send(bytes("x")))
                        .hasMessageContaining("cut off");
                assertFails(EndOfStreamException.class, () -> passing.receiveMessage(1));
            }
        }
    }

    @Test
    void addressesAndOptionsAreThoseOfTheSocket() throws IOException {
        assertThat(sender.localAddress()).isEqualTo(UnixAddress.unnamed());
        assertThat(sender.peerAddress()).isEqualTo(UnixAddress.unnamed());
        assertThat(sender.find(SocketAttributes.PEER_ADDRESS)).contains(UnixAddress.unnamed());
        assertThat(sender.option(LinuxOptions.SO_PASSCRED)).isFalse();
        assertThat(sender).hasToString("UnixDescriptorStream[an unnamed socket to an unnamed socket]");
    }

    @Test
    void aClosedStreamTellsWhatItWasAndTakesNoOptions() throws IOException {
        sender.close();
        assertThat(sender).hasToString("UnixDescriptorStream[an unnamed socket to an unnamed socket, closed]");
        assertThat(sender.localAddress()).isEqualTo(UnixAddress.unnamed());
        assertFails(ClosedResourceException.class, () -> sender.option(LinuxOptions.SO_PASSCRED));
        assertFails(ClosedResourceException.class, () -> sender.setOption(LinuxOptions.SO_PASSCRED, true));
    }

    @Test
    void controlMessagesOfOtherKindsAreLeftOutAndLeakNothing() throws IOException {
        // <asm-generic/socket.h>, since Linux 6.5
        var passPidfd = LinuxOptions.of("SO_PASSPIDFD", 1, 76, 4);
        byte[] on =
                ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(1).array();
        try {
            receiver.setOption(passPidfd, on);
        } catch (SocketException e) {
            Assumptions.abort("This system does not send process descriptors: " + e.getMessage());
        }
        for (int i = 0; i < 10; i++) {
            send("x", "file");
            try (UnixMessage message = receiver.receiveMessage(10)) {
                assertThat(message.controls()).hasSize(1);
                assertThat(message.descriptors()).hasSize(1);
            }
        }
        assertNothingIsLeftOpen();
    }
}

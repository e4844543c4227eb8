package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Descriptors beside the bytes of a UNIX stream, both ends ours. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("UnixDescriptorStreamTest")
@Timeout(30)
class UnixDescriptorStreamTest extends DescriptorPair {
    @Test
    @Tag("smoke")
    void filesArriveWithTheirBytesAndCanBeRead() throws IOException {
        send("two files", "one", "two");
        try (UnixMessage message = receiver.receiveMessage(100)) {
            assertThat(text(message.data())).isEqualTo("two files");
            assertThat(message.isControlTruncated()).isFalse();
            assertThat(message.credentials()).isEmpty();
            assertThat(message.controls()).containsExactly(new ControlMessage.Rights(message.descriptors()));
            assertThat(OpenFiles.read(message.descriptors())).containsExactly("one", "two");
        }
        assertNothingIsLeftOpen();
    }

    @Test
    void theSenderKeepsItsOwnAndMaySendItAgain() throws IOException {
        Descriptor file = OpenFiles.file(folder, "still mine");
        for (int i = 0; i < 2; i++) {
            sender.sendMessage(bytes("x"), List.of(file, file));
            try (UnixMessage message = receiver.receiveMessage(1)) {
                assertThat(message.descriptors()).hasSize(2);
                assertThat(message.descriptors().getFirst().number()).isNotEqualTo(file.number());
            }
        }
        assertThat(OpenFiles.read(file)).isEqualTo("still mine");
        assertNothingIsLeftOpen();
    }

    @Test
    void aClosedMessageClosesWhatWasNotOpened() throws IOException {
        send("x", "one", "two", "three");
        UnixMessage message = receiver.receiveMessage(1);
        try (var opened = message.descriptors().get(1).asInputStream()) {
            message.close();
            message.close();
            assertThat(text(opened.readAllBytes())).isEqualTo("two");
            assertFails(
                    ClosedResourceException.class,
                    () -> message.descriptors().getFirst().asInputStream());
        }
        assertNothingIsLeftOpen();
    }

    @Test
    void whatIsReceivedIsClosedWhenAnotherProgramIsExecuted() throws Exception {
        send("x", "one");
        try (UnixMessage message = receiver.receiveMessage(1)) {
            int number = message.descriptors().getFirst().number();
            String flags = Files.readString(Path.of("/proc/self/fdinfo/" + number));
            // O_CLOEXEC, octal, of <asm-generic/fcntl.h>
            assertThat(flags).containsPattern("flags:\\s+0?2\\d{6}\\b");
        }
    }

    // -- messages and bytes

    @Test
    void aReceiveOfNothingTakesTheDescriptorsAndLeavesTheBytes() throws IOException {
        send("later", "now");
        try (UnixMessage message = receiver.receiveMessage(0)) {
            assertThat(message.data()).isEmpty();
            assertThat(OpenFiles.read(message.descriptors())).containsExactly("now");
        }
        try (UnixMessage message = receiver.receiveMessage(0)) {
            assertThat(message.descriptors()).isEmpty();
        }
        assertThat(text(receiver.receive())).isEqualTo("later");
    }

    @Test
    void aReceiveOfNothingTellsTheEndToo() throws IOException {
        sender.sendEof();
        assertFails(EndOfStreamException.class, () -> receiver.receiveMessage(0));
        assertFails(EndOfStreamException.class, () -> receiver.receiveMessage(1));
    }

    @Test
    void splitOverShortReceivesTheyComeWithTheFirstPart() throws IOException {
        send("abcdef", "one", "two");
        try (UnixMessage first = receiver.receiveMessage(2);
                UnixMessage rest = receiver.receiveMessage(100)) {
            assertThat(text(first.data())).isEqualTo("ab");
            assertThat(OpenFiles.read(first.descriptors())).containsExactly("one", "two");
            assertThat(text(rest.data())).isEqualTo("cdef");
            assertThat(rest.descriptors()).isEmpty();
            assertThat(rest.controls()).isEmpty();
        }
    }

    @Test
    void bytesBeforeAreMergedInFrontAndBytesAfterAreNot() throws IOException {
        sender.send(bytes("before,"));
        send("with,", "file");
        sender.send(bytes("after"));
        StringBuilder all = new StringBuilder();
        List<String> files = new ArrayList<>();
        while (!all.toString().endsWith("with,")) {
            try (UnixMessage message = receiver.receiveMessage(100)) {
                all.append(text(message.data()));
                files.addAll(OpenFiles.read(message.descriptors()));
            }
        }
        assertThat(all).hasToString("before,with,");
        assertThat(files).containsExactly("file");
        assertThat(text(receiver.receive())).isEqualTo("after");
    }

    @Test
    void messagesWithDescriptorsAreNeverMerged() throws IOException {
        send("a", "one");
        send("b", "two", "three");
        send("c", "four");
        for (List<String> expected : List.of(List.of("one"), List.of("two", "three"), List.of("four"))) {
            try (UnixMessage message = receiver.receiveMessage(100)) {
                assertThat(message.data()).hasSize(1);
                assertThat(OpenFiles.read(message.descriptors())).isEqualTo(expected);
            }
        }
    }

    @Test
    void aWaitingReaderGetsADescriptorThenBytesAndBytesThenADescriptor() throws Exception {
        for (boolean descriptorFirst : new boolean[] {true, false}) {
            StringBuilder all = new StringBuilder();
            List<String> files = new ArrayList<>();
            TaskGroup.run(group -> {
                Task<?> reader = group.fork(() -> {
                    while (all.length() < 2) {
                        try (UnixMessage message = receiver.receiveMessage(100)) {
                            all.append(text(message.data()));
                            files.addAll(OpenFiles.read(message.descriptors()));
                        }
                    }
                });
                Blocked.await(reader);
                if (descriptorFirst) {
                    send("d", "file");
                    sender.send(bytes("b"));
                } else {
                    sender.send(bytes("b"));
                    send("d", "file");
                }
                reader.join();
            });
            assertThat(all).hasToString(descriptorFirst ? "db" : "bd");
            assertThat(files).containsExactly("file");
        }
    }

    @Test
    void plainDataComesWithoutAnythingBeside() throws IOException {
        sender.send(bytes("plain"));
        sender.sendMessage(ByteBuffer.wrap(bytes(" and plain")), new ControlMessage.Rights(List.of()));
        sender.sendMessage(new byte[0], List.of());
        sender.sendEof();
        StringBuilder all = new StringBuilder();
        assertFails(EndOfStreamException.class, () -> {
            while (true) {
                UnixMessage message = receiver.receiveMessage(100);
                assertThat(message.controls()).isEmpty();
                all.append(text(message.data()));
            }
        });
        assertThat(all).hasToString("plain and plain");
    }

    @Test
    void severalControlMessagesOfAKindCountAsOne() throws IOException {
        List<Descriptor> files = OpenFiles.files(folder, "one", "two");
        ByteBuffer data = ByteBuffer.wrap(bytes("skipped:data")).position(8);
        sender.sendMessage(
                data,
                new ControlMessage.Rights(files.subList(0, 1)),
                new ControlMessage.Rights(List.of()),
                new ControlMessage.Rights(files.subList(1, 2)));
        OpenFiles.close(files);
        assertThat(data.hasRemaining()).isFalse();
        try (UnixMessage message = receiver.receiveMessage(100)) {
            assertThat(text(message.data())).isEqualTo("data");
            assertThat(message.controls()).hasSize(1);
            assertThat(OpenFiles.read(message.descriptors())).containsExactly("one", "two");
        }
    }

    @Test
    void aLongMessageIsSentToItsEndAndTheDescriptorsComeOnce() throws Exception {
        byte[] data = new byte[TOO_MUCH];
        new Random(17).nextBytes(data);
        ByteBuffer received = ByteBuffer.allocate(TOO_MUCH);
        List<String> files = new ArrayList<>();
        TaskGroup.run(group -> {
            group.fork(() -> {
                try (Descriptor file = OpenFiles.file(folder, "once")) {
                    sender.sendMessage(data, List.of(file));
                }
                sender.sendEof();
            });
            try {
                while (true) {
                    try (UnixMessage message = receiver.receiveMessage(1 << 20)) {
                        received.put(message.data());
                        files.addAll(OpenFiles.read(message.descriptors()));
                    }
                }
            } catch (EndOfStreamException e) {
                // all of it
            }
        });
        assertThat(Arrays.equals(received.array(), data)).isTrue();
        assertThat(files).containsExactly("once");
        assertNothingIsLeftOpen();
    }

    @Test
    void aMessageCarries253DescriptorsAndNoMore() throws IOException {
        try (Descriptor file = OpenFiles.file(folder, "many")) {
            sender.sendMessage(bytes("x"), Collections.nCopies(253, file));
            try (UnixMessage message = receiver.receiveMessage(1)) {
                assertThat(message.descriptors()).hasSize(253);
                assertThat(message.isControlTruncated()).isFalse();
                assertThat(OpenFiles.read(message.descriptors().getLast())).isEqualTo("many");
            }
            assertFails(
                            IllegalArgumentException.class,
                            () -> sender.sendMessage(bytes("y"), Collections.nCopies(254, file)))
                    .hasMessageContaining("at most 253")
                    .hasMessageContaining("254");
            assertFails(
                    IllegalArgumentException.class,
                    () -> sender.sendMessage(
                            ByteBuffer.wrap(bytes("y")),
                            new ControlMessage.Rights(Collections.nCopies(200, file)),
                            new ControlMessage.Rights(Collections.nCopies(54, file))));
        }
        assertNothingWasSent();
        assertNothingIsLeftOpen();
    }

    // -- arguments

    @Test
    void withoutAByteNothingTravels() throws IOException {
        try (Descriptor file = OpenFiles.file(folder, "x")) {
            assertFails(IllegalArgumentException.class, () -> sender.sendMessage(new byte[0], List.of(file)))
                    .hasMessageContaining("at least 1");
            assertFails(
                    IllegalArgumentException.class,
                    () -> sender.sendMessage(ByteBuffer.allocate(0), new ControlMessage.Rights(List.of(file))));
        }
        assertNothingWasSent();
    }

    @Test
    void closedDescriptorsAreRefusedBeforeAnythingIsSent() throws IOException {
        List<Descriptor> files = OpenFiles.files(folder, "one", "two");
        files.get(1).close();
        assertFails(IllegalArgumentException.class, () -> sender.sendMessage(bytes("x"), files))
                .hasMessageContaining("closed");
        files.get(0).asInputStream().close();
        assertFails(IllegalArgumentException.class, () -> sender.sendMessage(bytes("x"), files.subList(0, 1)));
        assertNothingWasSent();
        assertNothingIsLeftOpen();
    }

    @Test
    void aDescriptorClosedWhileItsMessageWaitsIsRefusedAndTheStreamIsAsItWas() throws Exception {
        Descriptor file = OpenFiles.file(folder, "x");
        int filled = fill();
        TaskGroup.run(group -> {
            Task<?> waiting = group.fork(() -> {
                assertFails(SocketException.class, () -> sender.sendMessage(bytes("x"), List.of(file)))
                        .hasMessageContaining("closed before it was sent");
            });
            Blocked.await(waiting);
            file.close();
            drain(filled);
            waiting.join();
        });
        assertNothingWasSent();
    }

    @Test
    void numbersOfBytesAreNotNegative() {
        assertFails(IllegalArgumentException.class, () -> receiver.receiveMessage(-1))
                .hasMessageContaining("-1");
        assertFails(IllegalArgumentException.class, () -> receiver.receive(0));
    }
}

package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** However many descriptors are passed, and however it ends, none is left over. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("DescriptorLeakTest")
@Timeout(120)
class DescriptorLeakTest {
    @TempDir
    private Path folder;

    private StreamPair<UnixDescriptorStream> pair;
    private Descriptor file;
    private long before;

    @BeforeEach
    void open() throws Exception {
        pair = OpenFiles.pair();
        file = OpenFiles.file(folder, "x");
        // What a wait opens stays open.
        TaskGroup.run(group -> {
            Task<byte[]> receiver = group.fork(() -> pair.right().receive());
            Blocked.await(receiver);
            pair.left().send(bytes("x"));
            receiver.join();
        });
        before = OpenFiles.count();
    }

    @AfterEach
    void close() throws IOException {
        file.close();
        pair.close();
    }

    @Test
    void twentyThousandPassesLeaveNoneOpen() throws IOException {
        for (int i = 0; i < 20_000; i++) {
            pair.left().sendMessage(bytes("x"), i % 3 == 0 ? List.of(file, file) : List.of(file));
            if (i % 5 == 0) {
                assertThat(pair.right().receive()).hasSize(1);
                OpenFiles.close(pair.right().takeDescriptors());
            } else {
                try (UnixMessage message = pair.right().receiveMessage(1)) {
                    assertThat(message.descriptors()).hasSize(i % 3 == 0 ? 2 : 1);
                }
            }
        }
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    @Test
    void twoThousandCancelledReceivesLeaveNoneOpenAndLoseNone() throws Exception {
        AtomicInteger received = new AtomicInteger();
        AtomicInteger cancelled = new AtomicInteger();
        TaskGroup.run(group -> {
            int sent = 0;
            while (cancelled.get() < 2_000) {
                var scope = CancelScope.create();
                Task<?> receiver = group.fork(() -> {
                    if (!scope.run(() -> receive(received))) {
                        cancelled.incrementAndGet();
                    }
                });
                // The message comes at about the time of the cancel, before or after.
                if (sent % 3 == 0) {
                    pair.left().sendMessage(bytes("x"), List.of(file));
                    scope.cancel();
                } else {
                    scope.cancel();
                    pair.left().sendMessage(bytes("x"), List.of(file));
                }
                sent++;
                receiver.join();
                if (received.get() < sent) {
                    receive(received);
                }
                assertThat(received).hasValue(sent);
            }
        });
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    @Test
    void twoThousandCancelledSendsLeaveNoneOpenAndPassNone() throws Exception {
        // Pieces of one byte fill the buffers without a send that is cut in its middle.
        TaskGroup.run(group -> {
            Task<?> filler = group.fork(() -> {
                while (true) {
                    pair.left().send(bytes("f"));
                }
            });
            Blocked.await(filler);
            filler.cancel();
        });
        for (int i = 0; i < 2_000; i++) {
            TaskGroup.run(group -> {
                Task<?> sender = group.fork(() -> pair.left().sendMessage(bytes("x"), List.of(file)));
                Blocked.await(sender);
                sender.cancel();
            });
        }
        pair.left().sendEof();
        pair.right().forEach(piece -> assertThat(text(piece)).matches("f+"));
        assertThat(pair.right().takeDescriptors()).isEmpty();
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    private void receive(AtomicInteger received) throws IOException {
        try (UnixMessage message = pair.right().receiveMessage(1)) {
            received.addAndGet(message.descriptors().size());
        }
    }

    @Test
    void whatWasSentAndNeverReceivedGoesWithTheStream() throws IOException {
        for (int i = 0; i < 100; i++) {
            try (StreamPair<UnixDescriptorStream> brief = OpenFiles.pair()) {
                brief.left().sendMessage(bytes("x"), List.of(file, file));
                brief.left().sendMessage(bytes("y"), List.of(file));
                brief.right().receive();
            }
        }
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    @Test
    void aStreamThatPassesItselfIsGoneWhenNobodyHasIt() throws IOException {
        try (StreamPair<UnixStream> carried = Unix.pair()) {
            Descriptor end = carried.left().toDescriptor();
            pair.left().sendMessage(bytes("x"), List.of(end));
            end.close();
            carried.left().close();
            carried.right().sendEof();
            try (UnixMessage message = pair.right().receiveMessage(1);
                    UnixStream arrived = message.descriptors().getFirst().asUnixStream()) {
                arrived.send(bytes("last"));
            }
            assertThat(text(carried.right().receive())).isEqualTo("last");
            Sockets.assertFails(
                    EndOfStreamException.class, () -> carried.right().receive());
        }
        assertThat(OpenFiles.count()).isEqualTo(before);
    }
}

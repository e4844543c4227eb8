package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Two connected streams that pass descriptors, and what their tests have in common. */
abstract class DescriptorPair {
    /** More than two socket buffers hold. */
    static final int TOO_MUCH = 16 << 20;

    @TempDir
    Path folder;

    StreamPair<UnixDescriptorStream> pair;
    UnixDescriptorStream sender;
    UnixDescriptorStream receiver;
    long before;

    @BeforeEach
    void open() throws IOException {
        pair = OpenFiles.pair();
        sender = pair.left();
        receiver = pair.right();
        before = OpenFiles.count();
    }

    @AfterEach
    void close() throws IOException {
        pair.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    void assertNothingIsLeftOpen() throws IOException {
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    /** Sends a message with new files beside it, and closes the sender's. */
    void send(String text, String... contents) throws IOException {
        List<Descriptor> files = OpenFiles.files(folder, contents);
        sender.sendMessage(bytes(text), files);
        OpenFiles.close(files);
    }

    void assertNothingWasSent() throws IOException {
        sender.send(bytes("next"));
        try (UnixMessage message = receiver.receiveMessage(100)) {
            assertThat(text(message.data())).isEqualTo("next");
            assertThat(message.controls()).isEmpty();
        }
    }

    /** Fills the buffers, and tells with how many bytes. */
    int fill() throws Exception {
        ByteBuffer source = ByteBuffer.allocate(TOO_MUCH);
        TaskGroup.run(group -> {
            // In pieces, so that the send that is cut short has not begun.
            Task<?> filler = group.fork(() -> {
                while (true) {
                    sender.send(source.limit(source.position() + 1));
                }
            });
            Blocked.await(filler);
            filler.cancel();
            filler.await();
        });
        return source.position();
    }

    void drain(int count) throws IOException {
        for (int left = count; left > 0; ) {
            left -= receiver.receive(Math.min(left, 65_536)).length;
        }
    }
}

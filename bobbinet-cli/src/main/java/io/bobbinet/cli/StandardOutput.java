package io.bobbinet.cli;

import io.bobbinet.stream.ByteSendStream;
import io.bobbinet.task.CancelScope;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Standard output as a stream whose sends can be cancelled, although a full pipe blocks the thread that writes. A send that
 * was cancelled may still be written.
 */
final class StandardOutput implements ByteSendStream {
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    private final ExecutorService writer = DaemonThread.executor("standard output");

    @Override
    public void send(ByteBuffer source) throws IOException {
        CancelScope.checkpoint();
        // A copy, since the caller may use the buffer again when it was cancelled.
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        Future<Boolean> written = writer.submit(() -> {
            out.write(bytes);
            return true;
        });
        DaemonThread.await(written, "Standard output cannot be written");
    }

    /** Does nothing: the process has one standard output, for its whole life. */
    @Override
    public void close() {}
}

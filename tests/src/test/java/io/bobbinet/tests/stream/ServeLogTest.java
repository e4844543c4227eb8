package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.fails;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.testkit.MemoryListener;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is logged of handlers that fail, by those who give no reporter of their own. */
@Timeout(30)
class ServeLogTest {
    private final MemoryListener listener = MemoryListener.open();

    @Test
    void aPeerThatGoesAwayIsWarnedOfInOneLine() throws IOException {
        assertThat(logged(Level.INFO, ByteStream::receive)).singleElement().satisfies(record -> {
            assertThat(record.getLevel()).isEqualTo(Level.WARNING);
            assertThat(record.getMessage())
                    .startsWith("The handler of ")
                    .contains(" failed: " + EndOfStreamException.class.getName());
            assertThat(record.getThrown()).isNull();
        });
    }

    @Test
    void soIsAMessageThatIsCutShort() throws IOException {
        aFailureIsWarnedOfInOneLine(new IncompleteReadException("cut short"));
    }

    @Test
    void soIsAConnectionThatBreaks() throws IOException {
        aFailureIsWarnedOfInOneLine(new BrokenResourceException("reset by the peer"));
    }

    private void aFailureIsWarnedOfInOneLine(IOException failure) throws IOException {
        List<LogRecord> records = logged(Level.INFO, stream -> {
            throw failure;
        });
        assertThat(records).singleElement().satisfies(record -> {
            assertThat(record.getMessage()).endsWith(" failed: " + failure);
            assertThat(record.getThrown()).isNull();
        });
    }

    @Test
    void theStackTraceIsThereForThoseWhoDebug() throws IOException {
        List<LogRecord> records = logged(Level.FINE, ByteStream::receive);
        assertThat(records).extracting(LogRecord::getLevel).containsExactly(Level.WARNING, Level.FINE);
        assertThat(records.getLast().getThrown()).isInstanceOf(EndOfStreamException.class);
    }

    @Test
    void anyOtherFailureIsWarnedOfWithItsStackTrace() throws IOException {
        List<LogRecord> records = logged(Level.INFO, stream -> {
            throw new IOException("the handler's own");
        });
        assertThat(records).singleElement().satisfies(record -> {
            assertThat(record.getLevel()).isEqualTo(Level.WARNING);
            assertThat(record.getThrown()).hasMessage("the handler's own");
        });
    }

    /** {@return what is logged when a handler serves a client that ends its sending at once} */
    private List<LogRecord> logged(Level level, ThrowingConsumer<ByteStream, Exception> handler) throws IOException {
        Logger logger = Logger.getLogger(Listener.class.getName());
        Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
        Handler keeper = new Handler() {
            @Override
            public void publish(LogRecord record) {
                records.add(record);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(keeper);
        logger.setUseParentHandlers(false);
        logger.setLevel(level);
        try {
            TaskGroup.run(group -> {
                group.fork(() -> listener.serve(handler));
                try (ByteStream client = listener.connector().connect()) {
                    client.sendEof();
                    fails(EndOfStreamException.class, client::receive); // the handler has ended
                }
                listener.drain(ofSeconds(10));
            });
        } finally {
            logger.setLevel(null);
            logger.setUseParentHandlers(true);
            logger.removeHandler(keeper);
        }
        return List.copyOf(records);
    }
}

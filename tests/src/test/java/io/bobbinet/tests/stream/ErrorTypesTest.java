package io.bobbinet.tests.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.net.ConnectionFailedException;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.DelimiterNotFoundException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.TaskFailedException;
import io.bobbinet.task.TimedOutException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** What code written for the exceptions of the JDK sees of ours. */
final class ErrorTypesTest {
    @Test
    void busyErrorsNameTheAction() {
        for (String action : new String[] {"receiving from", "sending to", "accepting connections from"}) {
            ResourceGuard guard = new ResourceGuard(action);
            guard.enter();
            assertThatExceptionOfType(BusyResourceException.class)
                    .isThrownBy(guard::enter)
                    .withMessageContaining(action);
        }
    }

    @Test
    void failedConnectionsAreConnectExceptions() {
        assertThat(ConnectionFailedException.class.getSuperclass()).isEqualTo(ConnectException.class);
    }

    @Test
    void troubleWithStreamsIsAnIOException() {
        assertThat(EndOfStreamException.class.getSuperclass()).isEqualTo(EOFException.class);
        assertThat(IncompleteReadException.class.getSuperclass()).isEqualTo(EOFException.class);
        assertThat(DelimiterNotFoundException.class.getSuperclass()).isEqualTo(IOException.class);
        assertThat(ClosedResourceException.class.getSuperclass()).isEqualTo(IOException.class);
        assertThat(BrokenResourceException.class.getSuperclass()).isEqualTo(IOException.class);
        assertThat(TimedOutException.class.getSuperclass()).isEqualTo(SocketTimeoutException.class);
    }

    @Test
    void cancellationAndMistakesAreUnchecked() {
        assertThat(CancelledException.class.getSuperclass()).isEqualTo(CancellationException.class);
        assertThat(BusyResourceException.class.getSuperclass()).isEqualTo(IllegalStateException.class);
        assertThat(TaskFailedException.class.getSuperclass()).isEqualTo(RuntimeException.class);
    }
}

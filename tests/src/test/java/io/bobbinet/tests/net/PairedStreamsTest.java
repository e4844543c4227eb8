package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two UNIX streams that are connected to each other. */
@OnEachBackend
@DisplayName("PairedStreamsTest")
@Timeout(30)
class PairedStreamsTest {
    @Test
    @Tag("smoke")
    void whatOneSendsTheOtherReceives() throws IOException {
        try (StreamPair<UnixStream> pair = Unix.pair()) {
            pair.left().send(bytes("to the right"));
            pair.right().send(bytes("to the left"));
            assertThat(text(pair.right().receive())).isEqualTo("to the right");
            assertThat(text(pair.left().receive())).isEqualTo("to the left");
            pair.left().sendEof();
            assertFails(EndOfStreamException.class, () -> pair.right().receive());
            pair.right().send(bytes("still"));
            assertThat(text(pair.left().receive())).isEqualTo("still");
        }
    }

    @Test
    void neitherEndHasAName() throws IOException {
        try (StreamPair<UnixStream> pair = Unix.pair()) {
            for (UnixStream end : new UnixStream[] {pair.left(), pair.right()}) {
                assertThat(end.localAddress()).isEqualTo(UnixAddress.unnamed());
                assertThat(end.peerAddress()).isEqualTo(UnixAddress.unnamed());
            }
        }
    }

    @Test
    void closingThePairClosesBoth() throws IOException {
        StreamPair<UnixStream> pair = Unix.pair();
        pair.close();
        assertFails(ClosedResourceException.class, () -> pair.left().receive());
        assertFails(ClosedResourceException.class, () -> pair.right().receive());
    }
}

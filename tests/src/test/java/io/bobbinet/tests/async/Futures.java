package io.bobbinet.tests.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.ByteStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** What the tests of this package share. */
final class Futures {
    static final StreamProtocol<String, String> LINES = StreamProtocol.of(Lines.utf8());

    private Futures() {}

    /** The other end, in its blocking form. */
    static PacketClient<String, String> peer(ByteStream stream) {
        return PacketClient.over(stream, LINES);
    }

    /** Waits until a future has failed, and gives why. */
    static Throwable failureOf(CompletableFuture<?> future) {
        ExecutionException e =
                catchThrowableOfType(ExecutionException.class, future::get); // heeds a @Timeout, unlike join
        assertThat(e).as("the future has not failed").isNotNull();
        return e.getCause();
    }
}

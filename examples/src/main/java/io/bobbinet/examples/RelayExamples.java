package io.bobbinet.examples;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.Streams;
import java.io.IOException;

/** Copying between streams. */
public final class RelayExamples {
    private RelayExamples() {}

    /** Passes each connection on to a server. */
    public static void relay(Listener<? extends ByteStream> listener, Connector<? extends ByteStream> server)
            throws IOException {
        // @start region="relay"
        listener.serve(client -> {
            try (var upstream = server.connect()) {
                Streams.relay(client, upstream); // returns when both have said all
            }
        });
        // @end region="relay"
    }
}

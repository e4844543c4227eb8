package io.bobbinet.examples;

import static java.time.Duration.ofSeconds;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.CancelScope;
import java.io.IOException;

/** Cancel scopes and deadlines. */
public final class ScopeExamples {
    private ScopeExamples() {}

    static byte[] scopes(ByteStream client) throws IOException {
        // @start region="scopes"
        var answer = CancelScope.failAfter(ofSeconds(5)).call(() -> client.receive()); // late? TimedOutException
        var done = CancelScope.moveOnAfter(ofSeconds(5)).run(() -> client.send(answer)); // late? false, and on we go
        // @end region="scopes"
        return done ? answer : new byte[0];
    }
}

package io.bobbinet.examples;

import static java.time.Duration.ofSeconds;

import io.bobbinet.async.AsyncDatagramClient;
import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.Udp;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.packet.codec.Text;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** Packets for code that must not block, such as that of a user interface or an event loop. */
public final class AsyncPacketExamples {
    private AsyncPacketExamples() {}

    /** {@return what a server answers; the caller's executor sees it first} */
    public static CompletableFuture<String> ask(String host, int port, String question, Executor userInterface) {
        // @start region="client"
        var lines = StreamProtocol.of(Lines.utf8());
        var client = AsyncPacketClient.of(Tcp.connector(host, port), lines, userInterface);
        return client.send(question) // connects first
                .thenCompose(sent -> client.receive(ofSeconds(30)))
                .whenComplete((answer, failure) -> client.closeAsync());
        // @end region="client"
    }

    /** {@return when a server has sent its last line} Each is given to a body, which takes as long as it likes. */
    public static CompletableFuture<Void> follow(AsyncPacketClient<String, String> client, Consumer<String> body) {
        var end = new CompletableFuture<Void>();
        // @start region="packets"
        client.packets().subscribe(new Flow.Subscriber<>() {
            @SuppressWarnings("NullAway.Init") // onSubscribe comes first
            private Flow.Subscription subscription;

            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription = given;
                subscription.request(1);
            }

            @Override
            public void onNext(String line) {
                body.accept(line);
                subscription.request(1); // nothing is received before this
            }

            @Override
            public void onError(Throwable failure) {
                end.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                end.complete(null);
            }
        });
        // @end region="packets"
        return end;
    }

    /** {@return what comes back, or something else if it does not come in time} */
    public static CompletableFuture<String> probe(String host, int port) {
        // @start region="datagrams"
        var client = AsyncDatagramClient.of(Udp.connector(host, port), DatagramProtocol.of(Text.utf8()));
        return client.send("are you there?")
                .thenCompose(sent -> client.receive(ofSeconds(1)))
                .exceptionally(failure -> "nobody: " + failure.getCause())
                .whenComplete((answer, failure) -> client.closeAsync());
        // @end region="datagrams"
    }
}

package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.peer;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterMethod;

/** What the compatibility kit is given. Its name keeps the runner of the other tests away from it. */
public class PacketPublisherVerification extends FlowPublisherVerification<String> {
    /** How long the kit waits for what is to come, and for what is not to come. */
    private static final long PATIENCE = 1000;

    private static final long SILENCE = 20;

    private final List<ByteStream> streams = new ArrayList<>();
    private final List<AsyncPacketClient<String, String>> clients = new ArrayList<>();

    /** Called by the kit. */
    public PacketPublisherVerification() {
        super(new TestEnvironment(PATIENCE, SILENCE));
    }

    AsyncPacketClient<String, String> clientOver(ByteStream stream) {
        return AsyncPacketClient.over(stream, LINES);
    }

    @AfterMethod(alwaysRun = true)
    public void closeAll() throws IOException {
        for (AsyncPacketClient<String, String> client : clients) {
            client.close();
        }
        for (ByteStream stream : streams) {
            stream.close();
        }
        clients.clear();
        streams.clear();
    }

    @Override
    public Flow.Publisher<String> createFlowPublisher(long elements) {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        AsyncPacketClient<String, String> client = clientOver(pair.left());
        clients.add(client);
        streams.add(pair.right());
        PacketClient<String, String> peer = peer(pair.right());
        Thread.ofVirtual().start(() -> {
            try {
                for (long i = 0; i < elements; i++) {
                    peer.send("packet " + i);
                }
                peer.sendEof();
            } catch (IOException e) {
                // The kit has seen enough.
            }
        });
        return client.packets();
    }

    /** None: what fails, fails when packets are asked for. */
    @Override
    public Flow.@Nullable Publisher<String> createFailedFlowPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return 10_000;
    }

    /** With callbacks on a thread of the user's. */
    public static final class OnOneThread extends PacketPublisherVerification {
        private final List<ExecutorService> executors = new ArrayList<>();

        @Override
        AsyncPacketClient<String, String> clientOver(ByteStream stream) {
            ExecutorService executor = Executors.newSingleThreadExecutor();
            executors.add(executor);
            return AsyncPacketClient.over(stream, LINES, executor);
        }

        @Override
        @AfterMethod(alwaysRun = true)
        public void closeAll() throws IOException {
            super.closeAll();
            executors.forEach(ExecutorService::close);
            executors.clear();
        }
    }
}

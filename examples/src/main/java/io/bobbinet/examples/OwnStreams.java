package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.MemoryObjectStream;
import io.bobbinet.stream.MemoryQueue;
import io.bobbinet.stream.ObjectReceiveStream;
import io.bobbinet.stream.ObjectSendStream;
import io.bobbinet.stream.ObjectStream;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.stream.Serving;
import io.bobbinet.stream.StapledObjectStream;
import io.bobbinet.stream.TextReceiveStream;
import io.bobbinet.stream.TextSendStream;
import io.bobbinet.stream.TextStream;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/** Streams of objects, and streams and listeners of one's own. */
public final class OwnStreams {
    private OwnStreams() {}

    // @start region="object-stream"
    /** Numbers over a stream of bytes, one a line. */
    public record Numbers(TextStream lines) implements ObjectStream<Integer> {
        @Override
        public void send(Integer number) throws IOException {
            lines.sendLine(number.toString());
        }

        @Override
        public Integer receive() throws IOException {
            return Integer.valueOf(lines.receiveLine(20)); // what it throws at the end ends forEach
        }

        @Override
        public void sendEof() throws IOException {
            lines.sendEof();
        }

        @Override
        public <T> Optional<T> find(Attribute<T> attribute) {
            return lines.find(attribute);
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
    // @end region="object-stream"

    // @start region="listener"
    /** Accepts the connections of another listener that come from known addresses, and closes the others. */
    public static final class Doorkeeper implements Listener<TcpStream> {
        private final Listener<TcpStream> below;
        private final Set<InetAddress> known;
        private final Serving serving = new Serving();

        /**
         * Makes one.
         *
         * @param below the other listener, which is this one's from now on
         * @param known the addresses
         */
        public Doorkeeper(Listener<TcpStream> below, Set<InetAddress> known) {
            this.below = below;
            this.known = known;
        }

        @Override
        public TcpStream accept() throws IOException {
            while (true) {
                TcpStream client = below.accept();
                if (known.contains(client.peerAddress().getAddress())) {
                    return client;
                }
                client.close();
            }
        }

        @Override
        public Serving serving() {
            return serving;
        }

        @Override
        public void close() throws IOException {
            below.close();
            serving.closed();
        }
    }
    // @end region="listener"

    // @start region="guard"
    /** Gives out numbers, to one thread at a time. */
    public static final class Ticket {
        private final ResourceGuard guard = new ResourceGuard("drawing from");
        private int next;

        /** Makes one that begins with 0. */
        public Ticket() {}

        /**
         * {@return the next number}
         */
        public int draw() {
            guard.enter(); // a second thread gets BusyResourceException, and disturbs nobody
            try {
                return next++;
            } finally {
                guard.exit();
            }
        }
    }
    // @end region="guard"

    /**
     * Doubles a number over there.
     *
     * @param number the number
     * @return what came back
     * @throws IOException if that fails
     */
    public static int askForDouble(int number) throws IOException {
        // @start region="memory-objects"
        try (var pair = MemoryObjectStream.<Integer>pair(0)) {
            return TaskGroup.call(group -> {
                group.fork(() -> pair.right().forEach(n -> pair.right().send(2 * n)));
                pair.left().send(number);
                int doubled = pair.left().receive();
                pair.left().sendEof();
                return doubled;
            });
        }
        // @end region="memory-objects"
    }

    /**
     * Joins two queues.
     *
     * @param requests where requests go
     * @param answers where answers come from
     * @return both as one
     */
    public static ObjectStream<String> join(ObjectSendStream<String> requests, ObjectReceiveStream<String> answers) {
        // @start region="staple-objects"
        return StapledObjectStream.of(requests, answers);
        // @end region="staple-objects"
    }

    /**
     * Tells how full a queue is.
     *
     * @param queue the queue
     * @return a line for the log
     */
    public static String gauge(MemoryQueue<?> queue) {
        // @start region="statistics"
        MemoryQueue.Statistics now = queue.statistics();
        return now.items() + " of " + now.capacity() + ", " + now.waitingSenders() + " senders wait";
        // @end region="statistics"
    }

    /**
     * Reads a line and answers it in another charset.
     *
     * @param stream the stream
     * @return the line
     * @throws IOException if that fails
     */
    public static String twoHalves(ByteStream stream) throws IOException {
        // @start region="text-halves"
        BufferedByteStream buffered = BufferedByteStream.over(stream);
        TextReceiveStream questions = TextReceiveStream.over(buffered, UTF_8);
        TextSendStream answers = TextSendStream.over(buffered, java.nio.charset.StandardCharsets.ISO_8859_1);
        String line = questions.receiveLine(1024);
        answers.sendLine("got " + line);
        return line;
        // @end region="text-halves"
    }
}

/**
 * Bobbinet: high-level structured networking on virtual threads.
 *
 * <p>Start with {@link io.bobbinet.net}: {@code Tcp} and {@code Unix} open connections and listeners. What they
 * return are the streams of {@link io.bobbinet.stream}; tasks, cancellation and deadlines are in
 * {@link io.bobbinet.task}. {@link io.bobbinet.spi} is for those who write a backend or a time source.
 *
 * <p>The system property {@code io.bobbinet.backend} names the backend to use; without it the best one that the
 * running JVM supports is chosen, once, at first use.
 */
module io.bobbinet {
    requires static org.jspecify;

    exports io.bobbinet.async;
    exports io.bobbinet.net;
    exports io.bobbinet.packet;
    exports io.bobbinet.packet.codec;
    exports io.bobbinet.spi;
    exports io.bobbinet.stream;
    exports io.bobbinet.task;
    exports io.bobbinet.tls;

    uses io.bobbinet.spi.BackendProvider;

    provides io.bobbinet.spi.BackendProvider with
            io.bobbinet.backend.nio.NioBackendProvider;
}

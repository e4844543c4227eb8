package io.bobbinet.bench.peer;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One end of a measured TLS connection: a program that accepts and, when told to, connects to another of its kind and
 * sends. So one library encrypts in one process and decrypts in another.
 *
 * <p>It gets a key store and a {@link TlsWork} as arguments, and commands on standard input, one a line:
 *
 * <pre>
 *   connect PORT   -> connected PROTOCOL CIPHER-SUITE
 *   run MILLIS     -> ran MESSAGES
 *   await BYTES    -> received, once so many bytes have come in since the start
 * </pre>
 */
interface TlsPeer {
    String PROTOCOL = "TLSv1.3";
    String CIPHER_SUITE = "TLS_AES_128_GCM_SHA256";

    /** How large the buffers of a receiver are that has its own. */
    int BUFFER = 65_536;

    /** After how many messages a sender looks at the clock. */
    int BATCH = 16;

    /** Connects as client; the answer is what was negotiated: protocol, space, cipher suite. */
    String connect(int port) throws Exception;

    /** Sends messages for so long; gives their number when all have been handed to the kernel, or have come back. */
    long run(Duration time) throws Exception;

    /** {@return how many bytes of plain text the accepted connections have brought} */
    AtomicLong received();

    /** Tells the port and does what it is told, until the process that started this one ends. */
    static void obey(TlsPeer peer, int port) {
        Peer.obeying(port, (command, argument) -> answer(peer, command, argument));
    }

    private static String answer(TlsPeer peer, String command, long argument) throws Exception {
        return switch (command) {
            case "connect" -> "connected " + peer.connect((int) argument);
            case "run" -> "ran " + peer.run(Duration.ofMillis(argument));
            case "await" -> {
                while (peer.received().getAcquire() < argument) {
                    Thread.sleep(Duration.ofNanos(100_000));
                }
                yield "received";
            }
            default -> throw new IOException("unknown command " + command);
        };
    }
}

package io.bobbinet.bench.peer;

import java.io.IOException;

/** What every measured server does the same way. */
final class Peer {
    /** The size of a server's buffer: larger than a message, as with servers that do not know what comes. */
    static final int BUFFER = 1024;

    private Peer() {}

    /** Tells the port, and lets the process end with the one that started it. */
    static void serving(int port) {
        System.out.println("listening " + port);
        System.out.flush();
        Thread.ofPlatform().name("parent").daemon().start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is ever sent; the end is all that comes.
                }
            } catch (IOException e) {
                // As good as the end.
            }
            Runtime.getRuntime().halt(0);
        });
    }
}

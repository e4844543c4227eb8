package io.bobbinet.backend.nio;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells whether a UNIX connect failed because the listener's backlog is full.
 *
 * <p>The JDK passes on {@code EAGAIN} as a text alone, which is the system's own, in the language of the locale. So the text
 * is learnt, once and when first needed, by provoking that error.
 */
final class FullBacklog {
    /** Empty until it was learnt; whoever learns it writes the same. */
    private static volatile String text = "";

    private FullBacklog() {}

    static boolean isReason(SocketException e) {
        String known = text;
        if (known.isEmpty()) {
            known = learn();
            text = known;
        }
        String message = String.valueOf(e.getMessage());
        // The JDK appends the address if it is told to.
        return !known.isEmpty() && (message.equals(known) || message.startsWith(known + ": "));
    }

    /** The text, or an empty one where the system does not have this error, or not now; then the next failure tries again. */
    private static String learn() {
        try {
            Path folder = Files.createTempDirectory("bobbinet");
            Path path = folder.resolve("full");
            try {
                return provoke(UnixDomainSocketAddress.of(path)).replace(": " + path, "");
            } finally {
                Files.deleteIfExists(path);
                Files.delete(folder);
            }
        } catch (IOException e) {
            return "";
        }
    }

    private static String provoke(UnixDomainSocketAddress address) throws IOException {
        List<SocketChannel> fillers = new ArrayList<>();
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(address, 1);
            while (fillers.size() < 10) {
                SocketChannel filler = SocketChannel.open(StandardProtocolFamily.UNIX);
                fillers.add(filler);
                filler.configureBlocking(false);
                String refusal = refusal(filler, address);
                if (!refusal.isEmpty()) {
                    return refusal;
                }
            }
            return "";
        } finally {
            for (SocketChannel filler : fillers) {
                filler.close();
            }
        }
    }

    /** What the connect says, and it alone: opening and binding fail for other reasons, such as a lack of descriptors. */
    private static String refusal(SocketChannel filler, UnixDomainSocketAddress address) throws IOException {
        try {
            filler.connect(address);
            return "";
        } catch (SocketException e) {
            return e.getClass() == SocketException.class ? String.valueOf(e.getMessage()) : "";
        }
    }
}

package io.bobbinet.net;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The sockets that a service manager opened before it started this program, and passed on: socket activation,
 * sd_listen_fds(3). systemd does it for socket units, and {@code systemd-socket-activate} by hand.
 *
 * {@snippet file="ActivatedServer.java" region="activation"}
 *
 * <p>The variables {@code LISTEN_PID}, {@code LISTEN_FDS} and {@code LISTEN_FDNAMES} of the environment tell what was passed:
 * descriptors from number 3 on, meant for the process with that number and for no other. They belong to whoever takes them, who
 * opens those it wants; {@link #close()} closes the rest. What is not taken stays open, and is inherited by programs that this
 * one starts.
 *
 * <p>Linux only. Not for use by several threads at once, except {@link #take()}.
 */
public final class Activation implements Closeable {
    /** {@code SD_LISTEN_FDS_START}. */
    private static final int FIRST = 3;

    /** The name of what was given none. */
    private static final String UNNAMED = "unknown";

    /** Guarded by the class. */
    private static boolean taken;

    private final List<String> names;
    private final List<Descriptor> descriptors;

    private Activation(List<String> names, List<Descriptor> descriptors) {
        this.names = names;
        this.descriptors = descriptors;
    }

    /**
     * Takes what was passed to this process, and makes it close-on-exec. That is possible once: later calls give nothing, and
     * so does the first if nothing was passed or if it was meant for another process. If this throws, nothing was taken.
     *
     * @return what was passed, perhaps nothing; it belongs to the caller
     * @throws IOException if the variables contradict the manual or each other, or if a descriptor of which they speak is not
     *     open
     * @throws UnsupportedOperationException if there are descriptors and the backend in force has none; the message names one
     *     that has
     */
    public static Activation take() throws IOException {
        synchronized (Activation.class) {
            if (taken) {
                return new Activation(List.of(), List.of());
            }
            List<String> names = names(System.getenv(), ProcessHandle.current().pid());
            var activation = new Activation(names, adopt(names.size()));
            taken = true;
            return activation;
        }
    }

    private static List<Descriptor> adopt(int count) throws IOException {
        List<Descriptor> adopted = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                adopted.add(Descriptor.adopt(FIRST + i));
            }
            return List.copyOf(adopted);
        } catch (IOException e) {
            giveBack(adopted, e);
            throw new IOException(
                    "LISTEN_FDS speaks of " + count + " descriptors from 3 on, but not all are there: "
                            + e.getMessage(),
                    e);
        } catch (Throwable t) {
            giveBack(adopted, t);
            throw t;
        }
    }

    private static void giveBack(List<Descriptor> adopted, Throwable failure) {
        for (Descriptor descriptor : adopted) {
            try {
                int unused = descriptor.release();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /**
     * Reads the variables as sd_listen_fds_with_names(3) does.
     *
     * @param environment the variables
     * @param pid the number of this process
     * @return the names of the descriptors from 3 on; none if there are no descriptors for this process
     * @throws IOException if the variables make no sense
     */
    static List<String> names(Map<String, String> environment, long pid) throws IOException {
        String addressee = environment.get("LISTEN_PID");
        if (addressee == null || number("LISTEN_PID", addressee) != pid) {
            return List.of();
        }
        String count = environment.get("LISTEN_FDS");
        if (count == null) {
            return List.of();
        }
        long descriptors = number("LISTEN_FDS", count);
        if (descriptors > Integer.MAX_VALUE - FIRST) {
            throw new IOException("LISTEN_FDS is too large: " + count);
        }
        return names(environment.get("LISTEN_FDNAMES"), (int) descriptors);
    }

    private static List<String> names(@Nullable String text, int count) throws IOException {
        if (text == null || text.isEmpty()) {
            return Collections.nCopies(count, UNNAMED);
        }
        List<String> names = List.of(text.split(":", -1));
        if (names.size() != count) {
            throw new IOException("LISTEN_FDS speaks of " + count + " descriptors, and LISTEN_FDNAMES names "
                    + names.size() + ": " + text);
        }
        return names;
    }

    private static long number(String variable, String text) throws IOException {
        if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) == 0) {
            throw new IOException(variable + " is not a number from 1 on: \"" + text + "\"");
        }
        return Long.parseLong(text);
    }

    /**
     * {@return whether nothing was passed}
     */
    public boolean isEmpty() {
        return descriptors.isEmpty();
    }

    /**
     * {@return the descriptors, in their order}
     */
    public List<Descriptor> descriptors() {
        return descriptors;
    }

    /**
     * {@return the names of the descriptors, in the same order; {@code "unknown"} where none were given} Several may have the
     * same name: those of one unit of systemd do, unless told otherwise.
     */
    public List<String> names() {
        return names;
    }

    /**
     * {@return the descriptors of a name, in their order; none if there is no such name}
     *
     * @param name the name
     */
    public List<Descriptor> named(String name) {
        return IntStream.range(0, descriptors.size())
                .filter(i -> names.get(i).equals(name))
                .mapToObj(descriptors::get)
                .toList();
    }

    /**
     * Closes the descriptors that were neither opened nor released. Idempotent.
     *
     * @throws IOException if the system reported a failure; they are released all the same
     */
    @Override
    public void close() throws IOException {
        Descriptor.closeAll(descriptors);
    }

    @Override
    public String toString() {
        return "Activation" + names;
    }
}

package io.bobbinet.task;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.BackendProvider;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The backends of this JVM, and which one is in force.
 *
 * <p>The system property {@code io.bobbinet.backend} names the default; without it the supported backend with the
 * highest rank is chosen, once, at first use. {@link #using} binds another for a body and the tasks forked inside.
 *
 * {@snippet file="RuntimeExamples.java" region="candidates"}
 *
 * {@snippet file="RuntimeExamples.java" region="using"}
 */
public final class Backends {
    private static final String PROPERTY = "io.bobbinet.backend";

    private Backends() {}

    /**
     * What is known of a backend without making it.
     *
     * @param name its name
     * @param rank how much it is preferred
     * @param obstacle why it cannot run here; empty if it can
     */
    public record Candidate(String name, int rank, String obstacle) {

        /**
         * {@return whether the backend can run in this JVM}
         */
        public boolean isSupported() {
            return obstacle.isEmpty();
        }
    }

    /**
     * {@return all backends that were found, best first}
     */
    public static List<Candidate> candidates() {
        return Found.PROVIDERS.values().stream()
                .map(p -> new Candidate(p.name(), p.rank(), p.obstacle()))
                .toList();
    }

    /**
     * {@return the backend in force on this thread}
     *
     * @throws IllegalStateException if the property names a backend that is not there or cannot run
     */
    public static Backend current() {
        Backend bound = Environment.current().boundBackend();
        return bound != null ? bound : standard();
    }

    /**
     * {@return the backend that is used where none is bound}
     *
     * @throws IllegalStateException if the property names a backend that is not there or cannot run
     */
    public static Backend standard() {
        Backend chosen = Found.standard;
        if (chosen == null) {
            chosen = named(standardName());
            Found.standard = chosen;
        }
        return chosen;
    }

    /**
     * {@return the backend of a name}
     *
     * @param name the name
     * @throws IllegalStateException if it is not there or cannot run; the message tells why
     */
    public static Backend named(String name) {
        BackendProvider provider = Found.PROVIDERS.get(name);
        if (provider == null) {
            throw new IllegalStateException("No backend is named " + name + "; there are " + Found.PROVIDERS.keySet());
        }
        if (!provider.obstacle().isEmpty()) {
            throw new IllegalStateException("The backend " + name + " cannot run here: " + provider.obstacle());
        }
        synchronized (Found.OPEN) {
            return Found.OPEN.computeIfAbsent(name, n -> provider.open());
        }
    }

    /**
     * Runs a body with a backend in force, for everything inside and for the tasks forked inside.
     *
     * @param <X> what the body throws
     * @param name the backend's name
     * @param body the body
     * @throws X if the body throws it
     * @throws IllegalStateException if there is no such backend or it cannot run; the body is not called
     */
    public static <X extends Throwable> void using(String name, ThrowingRunnable<X> body) throws X {
        Environment outer = Environment.current();
        Scope.<Boolean, X>within(new Environment(outer.time(), named(name)), () -> {
            body.run();
            return true;
        });
    }

    private static String standardName() {
        String wanted = System.getProperty(PROPERTY, "");
        if (!wanted.isEmpty()) {
            return wanted;
        }
        return candidates().stream()
                .filter(Candidate::isSupported)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No backend can run here: " + candidates()))
                .name();
    }

    /** Loaded at first use. */
    private static final class Found {
        static final Map<String, BackendProvider> PROVIDERS = load();

        /** Guarded by itself. */
        static final Map<String, Backend> OPEN = new LinkedHashMap<>();

        /** Written by whoever comes first; all would write the same. */
        @org.jspecify.annotations.Nullable
        static volatile Backend standard;

        private static Map<String, BackendProvider> load() {
            Map<String, BackendProvider> found = new LinkedHashMap<>();
            try {
                // The library's own loader, because a task thread may have any context loader.
                ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .sorted(Comparator.comparingInt(BackendProvider::rank).reversed())
                        .forEach(p -> found.putIfAbsent(p.name(), p));
            } catch (ServiceConfigurationError e) {
                throw new IllegalStateException("A backend cannot be loaded: " + e.getMessage(), e);
            }
            return found;
        }
    }
}

package io.bobbinet.spi;

/**
 * Service through which backends are found; see {@link java.util.ServiceLoader}. A provider is declared in the
 * {@code module-info} of its module and in {@code META-INF/services}, for users of the class path.
 */
public interface BackendProvider {

    /**
     * {@return the name of the backend, as in the property {@code io.bobbinet.backend}}
     */
    String name();

    /**
     * {@return how much this backend is to be preferred} The supported backend with the highest rank is the default.
     */
    int rank();

    /**
     * {@return why the backend cannot run in this JVM, in one line, or an empty text if it can} Must not print, warn or
     * link native code.
     */
    String obstacle();

    /**
     * Makes the backend. Called at most once in a JVM; must not start threads, which start with the first handle.
     *
     * @return the backend
     */
    Backend open();
}

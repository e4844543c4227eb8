package io.bobbinet.stream;

import java.util.Objects;

/**
 * A typed key for something that a stream, listener or connector knows; see {@link Attributed#find}. Two attributes are
 * the same only if they are the same object, so equal names never clash.
 *
 * @param <T> the type of the value
 */
public final class Attribute<T> {
    /** The host name or address that a connector goes to, as it was written: what TLS verifies. */
    public static final Attribute<String> REMOTE_HOST = of("remote host");

    private final String name;

    private Attribute(String name) {
        this.name = name;
    }

    /**
     * Makes a new attribute, different from all others.
     *
     * @param <T> the type of the value
     * @param name the name, for people
     * @return the attribute
     */
    public static <T> Attribute<T> of(String name) {
        return new Attribute<>(Objects.requireNonNull(name, "name"));
    }

    /**
     * {@return the name}
     */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}

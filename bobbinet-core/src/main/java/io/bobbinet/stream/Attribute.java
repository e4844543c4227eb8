package io.bobbinet.stream;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A typed key for something that a stream, listener or connector knows; see {@link Attributed#find}. Two attributes are
 * the same only if they are the same object, so equal names never clash.
 *
 * @param <T> the type of the value
 */
public final class Attribute<T> {
    /** The host name or address that a connector goes to, as it was written: what TLS verifies. */
    public static final Attribute<String> REMOTE_HOST = of("remote host");

    /** The path of the file that a stream receives from or sends to, as it was given. */
    public static final Attribute<Path> PATH = of("path");

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

    /**
     * Gives an implementation of {@link Attributed#find} its answer: the value, if this attribute is the one that was
     * asked for.
     *
     * @param <A> the type that was asked for
     * @param asked the attribute that was asked for
     * @param value the value of this attribute
     * @return the value, or empty if another attribute was asked for
     */
    @SuppressWarnings("unchecked") // the same attribute, and so the same type
    public <A> Optional<A> match(Attribute<A> asked, T value) {
        Objects.requireNonNull(asked, "attribute");
        return asked.equals(this) ? Optional.of((A) value) : Optional.empty();
    }

    @Override
    public String toString() {
        return name;
    }
}

package io.bobbinet.stream;

import java.util.Objects;
import java.util.Optional;

/** Something that can be asked for {@linkplain Attribute attributes}. */
public interface Attributed {

    /**
     * Finds the value of an attribute, here or in what this wraps. Evaluated at each call; never waits. What a stream
     * knew when it was open it still knows when closed.
     *
     * @param <T> the type of the value
     * @param attribute the attribute
     * @return the value, or empty if neither this nor anything it wraps has the attribute
     */
    default <T> Optional<T> find(Attribute<T> attribute) {
        Objects.requireNonNull(attribute, "attribute");
        return Optional.empty();
    }
}

package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Attributed;
import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StapledByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AttributeTest {
    private static final Attribute<Integer> COUNT = Attribute.of("count");

    @Test
    @Tag("smoke")
    void anAttributeIsEvaluatedAtEachCall() {
        var calls = new AtomicInteger();
        var counting = new Attributed() {
            @Override
            public <T> Optional<T> find(Attribute<T> attribute) {
                return COUNT.match(attribute, calls.incrementAndGet());
            }
        };
        assertThat(counting.find(COUNT)).contains(1);
        assertThat(counting.find(COUNT)).contains(2);
    }

    @Test
    void whatIsNotThereIsEmptyAndHasADefaultOrAFailureOfTheCallers() {
        Attributed nothing = new Attributed() {};

        assertThat(nothing.find(COUNT)).isEmpty();
        assertThat(nothing.find(COUNT).orElse(7)).isEqualTo(7);
        fails(NoSuchElementException.class, () -> nothing.find(COUNT).orElseThrow());
    }

    @Test
    void aFailureOfTheProviderIsNotTakenForAMissingAttribute() {
        Attributed failing = new Attributed() {
            @Override
            public <T> Optional<T> find(Attribute<T> attribute) {
                throw new NoSuchElementException("a mistake of its own");
            }
        };
        fails(NoSuchElementException.class, () -> failing.find(COUNT));
    }

    @Test
    void equalNamesDoNotClash() {
        Attribute<Integer> another = Attribute.of("count");
        var counting = new Attributed() {
            @Override
            public <T> Optional<T> find(Attribute<T> attribute) {
                return COUNT.match(attribute, 1);
            }
        };
        assertThat(counting.find(another)).isEmpty();
        assertThat(another).isNotEqualTo(COUNT).hasToString("count");
        assertThat(another.name()).isEqualTo(COUNT.name());
    }

    @Test
    void wrappersPassOnWhatTheyWrap() {
        var inner = MemoryByteStream.pair();
        var receiver = new ByteReceiveStream() {
            @Override
            public int receive(ByteBuffer target) throws IOException {
                return inner.left().receive(target);
            }

            @Override
            public void close() {
                inner.left().close();
            }

            @Override
            public <T> Optional<T> find(Attribute<T> attribute) {
                return COUNT.match(attribute, 5);
            }
        };
        var once = StapledByteStream.of(inner.left(), receiver);
        var twice = StapledByteStream.of(once, MemoryByteStream.pair().left());
        assertThat(once.find(COUNT)).contains(5);
        assertThat(twice.find(COUNT)).contains(5);
    }

    @Test
    void anAttributeHasANameAndIsAskedForByAnAttribute() {
        fails(NullPointerException.class, () -> Attribute.of(absent()));
        fails(NullPointerException.class, () -> new Attributed() {}.find(absent()));
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // what is to be refused
    private static <T> T absent() {
        return null;
    }
}

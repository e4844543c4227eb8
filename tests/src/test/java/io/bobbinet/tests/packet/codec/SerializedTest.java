package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.codec.Bytes;
import io.bobbinet.packet.codec.LengthPrefixed;
import io.bobbinet.packet.codec.Serialized;
import io.bobbinet.testkit.CodecContract;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SerializedTest {
    private record Order(int number, String text, List<Integer> items) implements Serializable {}

    private static final ObjectInputFilter FILTER =
            ObjectInputFilter.Config.createFilter("maxdepth=10;" + Order.class.getName() + ";java.util.*;java.lang.*");
    private static final Serialized<Order> CODEC = Serialized.of(Order.class, FILTER);

    private static Order order(int number) {
        return new Order(number, "order", new ArrayList<>(List.of(number, 2)));
    }

    private static byte[] serialized(Object... objects) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream target = new ObjectOutputStream(bytes)) {
            for (Object object : objects) {
                target.writeObject(object);
            }
        }
        return bytes.toByteArray();
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> keepsTheContract() throws IOException {
        return tests(CodecContract.of(CODEC, random -> order(random.nextInt()))
                .refusing(new byte[0], serialized("text"), serialized(order(1), order(2))));
    }

    @TestFactory
    Stream<DynamicTest> keepsTheContractOfLimits() {
        Serialized<String> text = Serialized.of(String.class, FILTER);
        return tests(CodecContract.of(text, CodecTesting::text)
                .limiting(text::withLimit, size -> "x".repeat(size - 7), 20, 100)
                .mutating(10_000));
    }

    @Test
    void streamNeedsAFrameAround() throws IOException {
        var framed = LengthPrefixed.of(CODEC);

        try (var client = clientOf(
                framed,
                frame(framed, order(1)),
                frame(LengthPrefixed.of(Bytes.raw()), new byte[9]),
                frame(framed, order(2)))) {
            assertThat(client.receive()).isEqualTo(order(1));
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThat(client.receive()).isEqualTo(order(2));
        }
    }

    @Test
    void classesThatTheFilterDoesNotNameAreRefused() throws IOException {
        var strict = Serialized.of(
                Order.class, ObjectInputFilter.Config.createFilter(Order.class.getName() + ";java.lang.*"));

        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> strict.decode(encoded(CODEC, order(1))))
                .withMessageContaining("serialized Order: the bytes cannot be deserialized")
                .withCauseInstanceOf(InvalidClassException.class);
        assertThatNullPointerException().isThrownBy(() -> Serialized.of(Order.class, nothing()));
    }

    @SuppressWarnings("NullAway") // what a careless caller does
    private static ObjectInputFilter nothing() {
        return null;
    }

    @Test
    void arrayThatClaimsToBeLongerThanItsBytesTakesNoMemory() throws IOException {
        byte[] bytes = serialized((Object) new byte[3]);
        byte[] length = HexFormat.of().parseHex("7fffffff");
        System.arraycopy(length, 0, bytes, bytes.length - 7, 4);

        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> Serialized.of(byte[].class, info -> ObjectInputFilter.Status.ALLOWED)
                        .decode(bytes))
                .withCauseInstanceOf(InvalidClassException.class);
    }

    @Test
    void whatIsBehindThePacketAndObjectsOfOtherTypesAreMalformed() throws IOException {
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> CODEC.decode(serialized(order(1), order(2))))
                .withMessageContaining("are left behind the packet");
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> CODEC.decode(serialized("text")))
                .withMessage("serialized Order: the packet is a java.lang.String");
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> CODEC.decode(HexFormat.of().parseHex("aced000570")))
                .withMessage("serialized Order: the packet is null");
    }

    private static final AtomicInteger INITIALIZED = new AtomicInteger();

    private static final class Initialized implements Serializable {
        private static final long serialVersionUID = 1L;

        static {
            INITIALIZED.incrementAndGet();
        }
    }

    @Test
    void noCodeOfAClassRunsThatTheFilterRefuses() throws IOException {
        byte[] other = serialized(new Renamed());
        byte[] name = Renamed.class.getName().getBytes(US_ASCII);
        byte[] bytes = new String(other, ISO_8859_1)
                .replace(new String(name, US_ASCII), Initialized.class.getName())
                .getBytes(ISO_8859_1);
        // Behind the head come the marks of an object and its class, and the length of the name.
        bytes[7] = (byte) Initialized.class.getName().length();

        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> CODEC.decode(bytes))
                .withCauseInstanceOf(InvalidClassException.class)
                .withMessageContaining("REJECTED");
        assertThat(INITIALIZED).hasValue(0);
        assertThat(Serialized.of(Initialized.class, info -> ObjectInputFilter.Status.ALLOWED)
                        .decode(bytes))
                .isNotNull();
        assertThat(INITIALIZED).hasValue(1);
    }

    private static final class Renamed implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** Has classes of its own, of the same names as those of the tests. */
    private static final class OtherLoader extends ClassLoader {
        OtherLoader() {
            super(SerializedTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(SerializedTest.class.getName())) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            try (InputStream source = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = source.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void classesAreThoseOfTheLoaderThatThePacketsTypeIsFrom() throws Exception {
        Class<?> type = Class.forName(Order.class.getName(), false, new OtherLoader());
        assertThat(type).isNotEqualTo(Order.class);

        assertThat(Serialized.of(type, FILTER).decode(encoded(CODEC, order(1)))).isInstanceOf(type);
        assertThat(Serialized.of(int[].class, info -> ObjectInputFilter.Status.ALLOWED)
                        .decode(serialized(new int[] {1})))
                .containsExactly(1);
    }

    private static final class Trap implements Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(ObjectInputStream in) {
            throw new IllegalStateException("sprung");
        }
    }

    @Test
    void whateverTheClassesThrowIsMalformed() throws IOException {
        var codec = Serialized.of(Trap.class, info -> ObjectInputFilter.Status.ALLOWED);

        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> codec.decode(serialized(new Trap())))
                .withMessageContaining("sprung");
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> codec.decode(Arrays.copyOf(serialized(new Trap()), 20)));
    }

    @Test
    void packetThatCannotBeSerializedIsRefused() {
        Serialized<Object> any = Serialized.of(Object.class, info -> ObjectInputFilter.Status.ALLOWED);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoded(any, new Object()))
                .withMessage("serialized Object: the packet cannot be serialized");
    }
}

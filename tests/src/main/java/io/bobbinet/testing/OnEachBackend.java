package io.bobbinet.testing;

import io.bobbinet.spi.Capability;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs every test of a class once on each backend.
 *
 * {@snippet :
 * @OnEachBackend
 * @DisplayName("TcpStreamTest")                            // always the class's own name, see below
 * @Timeout(30)
 * final class TcpStreamTest {
 *     @Test
 *     void sendsAndReceives() { ... }                      // Backends.current() is the backend of this round
 * }
 *
 * @OnEachBackend(threads = {ThreadKind.PLATFORM, ThreadKind.TASK})   // each backend, on both kinds of thread
 * final class CancelledStreamTest { ... }
 *
 * @OnEachBackend(having = Capability.DESCRIPTORS)          // backends that can pass descriptors; skipped if none can
 * final class DescriptorTest { ... }
 * }
 *
 * <p>The backend is bound as by {@link io.bobbinet.task.Backends#using} around each test, its {@code @BeforeEach} and
 * {@code @AfterEach}; tasks forked inside inherit it. Nested classes and every sort of test method are covered. Only the
 * tests themselves run on the thread asked for, the rest on JUnit's. A {@code @Timeout} interrupts a test on either kind
 * of thread. {@code @BeforeAll} and {@code @AfterAll} run once, around all rounds and outside of any.
 *
 * <p>A test that does not ask for a backend by way of {@code Backends.current()} (its own {@code Backends.using}, or a
 * thread that is no task) gets what it asks for.
 *
 * <p>The rounds are all backends that this JVM supports, best first. The system property {@code bobbinet.backends}, a
 * comma-separated list, names others; a backend named there that cannot run is a failure, not a skip.
 *
 * <p>The display name must be the simple name of the class: surefire would otherwise append the round to the name of the
 * class in its reports, and nobody who looks for {@code TcpStreamTest#sendsAndReceives} would find it. So the rounds of a
 * test are {@code sendsAndReceives()[1]}, {@code [2]} and so on of the class {@code TcpStreamTest}.
 */
@ClassTemplate
@ExtendWith(BackendMatrix.class)
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface OnEachBackend {

    /** The kinds of thread that tests run on; each backend gets a round with each. */
    ThreadKind[] threads() default ThreadKind.PLATFORM;

    /** What a backend must be able to do to get a round. */
    Capability[] having() default {};
}

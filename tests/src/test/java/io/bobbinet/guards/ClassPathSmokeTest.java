package io.bobbinet.guards;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.spi.BackendProvider;
import io.bobbinet.task.Backends;
import java.lang.module.ModuleDescriptor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The library finds its backends on the module path and on the class path; this runs on both. */
@Tag("smoke")
@Timeout(30)
final class ClassPathSmokeTest {
    private static final String SERVICE = BackendProvider.class.getName();

    /** What the build says that this run is about; nothing where tests run outside of it. */
    private static final String PATH = System.getProperty("bobbinet.path", "");

    @Test
    void runsOnThePathThatTheBuildChose() {
        boolean onModulePath = Backends.class.getModule().isNamed();
        assertThat(PATH).isIn("", onModulePath ? "module" : "class");
        assertThat(ClassPathSmokeTest.class.getModule().isNamed()).isEqualTo(onModulePath);
    }

    @Test
    void findsTheBackends() {
        assertThat(Backends.candidates())
                .extracting(Backends.Candidate::name)
                .contains("nio")
                .doesNotHaveDuplicates();
    }

    @Test
    void choosesTheBestSupportedBackend() {
        String best = Backends.candidates().stream()
                .filter(Backends.Candidate::isSupported)
                .findFirst()
                .orElseThrow()
                .name();
        assertThat(Backends.current().name()).isEqualTo(System.getProperty("io.bobbinet.backend", best));
    }

    /** Whoever is missing from one of the two lists is missed by half of the users. */
    @Test
    void bothPathsHaveTheSameProviders() {
        assertThat(ofTheClassPath()).isNotEmpty().isEqualTo(ofTheDescriptor());
    }

    private static Set<String> ofTheDescriptor() {
        ByteBuffer descriptor = ByteBuffer.wrap(CompiledModule.resource(Backends.class, "module-info.class"));
        return ModuleDescriptor.read(descriptor).provides().stream()
                .filter(p -> p.service().equals(SERVICE))
                .flatMap(p -> p.providers().stream())
                .collect(Collectors.toSet());
    }

    private static Set<String> ofTheClassPath() {
        byte[] list = CompiledModule.resource(Backends.class, "META-INF/services/" + SERVICE);
        return new String(list, StandardCharsets.UTF_8)
                .lines()
                .filter(l -> !l.isBlank() && !l.startsWith("#"))
                .collect(Collectors.toSet());
    }
}

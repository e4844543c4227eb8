package io.bobbinet.guards;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.task.Task;
import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * All that users can see is written down in {@code bobbinet-core/api/io.bobbinet.api}, so that no change of it goes
 * unnoticed. After a change that is meant:
 *
 * <pre>
 * mvn test -pl tests -am -Dtest=ApiSurfaceTest -Dsurefire.failIfNoSpecifiedTests=false -Dbobbinet.api=update
 * </pre>
 */
@Timeout(60)
final class ApiSurfaceTest {
    private static final Path FILE = Repository.root().resolve("bobbinet-core/api/io.bobbinet.api");
    private static final boolean UPDATE = System.getProperty("bobbinet.api", "").equals("update");

    @Test
    void isWhatWasAgreed() throws IOException {
        List<String> surface = surface(CompiledModule.of(Task.class));
        if (UPDATE) {
            Files.createDirectories(FILE.getParent());
            Files.write(FILE, surface);
        }
        assertThat(surface)
                .as(
                        "the API, against %s (%s tells how to renew it)",
                        FILE.getFileName(), getClass().getSimpleName())
                .isEqualTo(Files.readAllLines(FILE));
    }

    private static List<String> surface(CompiledModule module) {
        List<String> lines = new ArrayList<>();
        for (ClassModel type : new PublicApi(module.classes()).types(module.exported())) {
            lines.addAll(describe(load(CompiledModule.name(type))));
            lines.add("");
        }
        return lines;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, Task.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One line for the type and one for each of its own members that users can see, in order. */
    private static List<String> describe(Class<?> type) {
        Stream<String> fields = visible(type.getDeclaredFields()).map(Field::toGenericString);
        Stream<String> constructors = visible(type.getDeclaredConstructors()).map(Constructor::toGenericString);
        Stream<String> methods = visible(type.getDeclaredMethods()).map(Method::toGenericString);
        // Members name the class they are in, which the first line has already done.
        String owner = type.getTypeName() + ".";
        List<String> lines = Stream.of(fields, constructors, methods)
                .flatMap(s -> s)
                .map(line -> "    " + line.replaceFirst(" \\Q" + owner + "\\E(?=\\w+([(]|$))", " "))
                .sorted()
                .collect(Collectors.toCollection(ArrayList::new));
        lines.addFirst(head(type));
        return lines;
    }

    private static String head(Class<?> type) {
        StringBuilder head = new StringBuilder(type.toGenericString());
        Type parent = type.getGenericSuperclass();
        if (parent != null && parent != Object.class && !type.isEnum() && !type.isRecord()) {
            head.append(" extends ").append(parent.getTypeName());
        }
        list(head, type.isInterface() ? " extends " : " implements ", type.getGenericInterfaces());
        if (type.isRecord()) {
            String components = Arrays.stream(type.getRecordComponents())
                    .map(c -> c.getGenericType().getTypeName() + " " + c.getName())
                    .collect(Collectors.joining(", ", " (", ")"));
            head.append(components);
        }
        return head.toString();
    }

    private static void list(StringBuilder head, String word, Type[] types) {
        if (types.length > 0) {
            head.append(word).append(Arrays.stream(types).map(Type::getTypeName).collect(Collectors.joining(", ")));
        }
    }

    private static <M extends Member> Stream<M> visible(M[] members) {
        return Arrays.stream(members)
                .filter(m -> Modifier.isPublic(m.getModifiers()) || Modifier.isProtected(m.getModifiers()))
                .filter(m -> !m.isSynthetic());
    }

    /** A sample with one of each. */
    @SuppressWarnings("unused")
    private static class Sample<T extends Comparable<T>> implements Comparable<Sample<T>> {
        public static final int SIZE = 1;
        int hidden;

        protected Sample(T first) {}

        public <X extends Throwable> List<? super T> find(T[] keys, int... sizes) throws X {
            throw new UnsupportedOperationException();
        }

        @Override
        public int compareTo(Sample<T> other) {
            return 0;
        }

        void hidden() {}
    }

    private record Pair<A>(A left, List<String> right) {}

    @Test
    void tellsEverythingThatUsersSeeAndNothingElse() {
        assertThat(describe(Sample.class))
                .containsExactly(
                        "private static class io.bobbinet.guards.ApiSurfaceTest$Sample<T extends"
                                + " java.lang.Comparable<T>> implements"
                                + " java.lang.Comparable<io.bobbinet.guards.ApiSurfaceTest$Sample<T>>",
                        "    protected io.bobbinet.guards.ApiSurfaceTest$Sample(T)",
                        "    public <X extends java.lang.Throwable> java.util.List<? super T> find(T[],int...) throws"
                                + " X",
                        "    public int compareTo(io.bobbinet.guards.ApiSurfaceTest$Sample<T>)",
                        "    public static final int SIZE");
        assertThat(describe(Pair.class).getFirst())
                .endsWith("Pair<A> (A left, java.util.List<java.lang.String> right)");
    }
}

package io.bobbinet.guards;

import static java.lang.classfile.ClassFile.ACC_ABSTRACT;
import static java.lang.classfile.ClassFile.ACC_FINAL;
import static java.lang.classfile.ClassFile.ACC_INTERFACE;
import static java.lang.classfile.ClassFile.ACC_PRIVATE;
import static java.lang.classfile.ClassFile.ACC_PUBLIC;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_void;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.task.Task;
import io.bobbinet.testkit.VirtualTime;
import java.lang.classfile.Annotation;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.Signature;
import java.lang.classfile.TypeAnnotation;
import java.lang.classfile.attribute.RuntimeVisibleAnnotationsAttribute;
import java.lang.classfile.attribute.RuntimeVisibleTypeAnnotationsAttribute;
import java.lang.classfile.attribute.SignatureAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The shape of the library, read from its bytecode; and that each rule can tell a breach. */
@Timeout(30)
final class LayeringTest {

    @Nested
    final class OfTheLibrary {
        private final CompiledModule library = CompiledModule.of(Task.class);
        private final LayerRules rules = new LayerRules(library.classes(), library.exported());

        @Test
        void isWhatWasRead() {
            assertThat(library.name()).isEqualTo("io.bobbinet");
            assertThat(library.classes()).hasSizeGreaterThan(50);
        }

        @Test
        void eachPackageKnowsOnlyTheLayersBelow() {
            assertThat(rules.layers()).isEmpty();
        }

        @Test
        void packagesFormNoCircle() {
            assertThat(rules.cycles()).isEmpty();
        }

        @Test
        void packagesHaveNamesThatSaySomething() {
            assertThat(rules.emptyNames()).isEmpty();
        }

        @Test
        void everyPackageIsNullMarked() {
            assertThat(rules.notNullMarked()).isEmpty();
        }

        @Test
        void theSpiIsNotSeenFromStreamsUpwards() {
            assertThat(rules.spiInSignatures()).isEmpty();
        }

        @Test
        void publicTypesAreFinalOrSealedOrToBeImplemented() {
            assertThat(rules.openClasses()).isEmpty();
        }

        @Test
        void nullIsInNoExportedSignature() {
            assertThat(rules.nullableInSignatures()).isEmpty();
        }
    }

    @Test
    void theTestkitIsMadeTheSameWay() {
        CompiledModule testkit = CompiledModule.of(VirtualTime.class);
        LayerRules rules = new LayerRules(testkit.classes(), testkit.exported());
        assertThat(rules.notNullMarked()).isEmpty();
        assertThat(rules.openClasses()).isEmpty();
        assertThat(rules.nullableInSignatures()).isEmpty();
    }

    /** Each rule against a class that breaks it and one that does not. */
    @Nested
    final class OfSamples {
        private static final ClassDesc SPI = ClassDesc.of("io.bobbinet.spi.Handle");
        private static final ClassDesc NULLABLE = ClassDesc.of("org.jspecify.annotations.Nullable");

        private final ClassModel spi = type(SPI, ACC_PUBLIC | ACC_ABSTRACT | ACC_INTERFACE, c -> {});

        private static ClassModel type(ClassDesc name, int flags, Consumer<ClassBuilder> body) {
            return ClassFile.of().parse(ClassFile.of().build(name, c -> {
                c.withFlags(flags);
                body.accept(c);
            }));
        }

        private static ClassModel type(String name, Consumer<ClassBuilder> body) {
            return type(ClassDesc.of(name), ACC_PUBLIC | ACC_FINAL, body);
        }

        private static LayerRules rules(ClassModel... classes) {
            return new LayerRules(Arrays.asList(classes), Set.of("io.bobbinet.stream", "io.bobbinet.net"));
        }

        @Test
        void aReferenceUpwardsIsTold() {
            ClassModel net = type("io.bobbinet.net.Tcp", c -> {});
            ClassModel stream = type(
                    "io.bobbinet.stream.Bad",
                    c -> c.withMethod(
                            "m",
                            MethodTypeDesc.of(CD_void),
                            ACC_PRIVATE,
                            m -> m.withCode(code -> code.new_(ClassDesc.of("io.bobbinet.net.Tcp"))
                                    .pop()
                                    .return_())));
            assertThat(rules(net, stream).layers()).containsExactly("io.bobbinet.stream.Bad knows io.bobbinet.net.Tcp");
            assertThat(rules(net, stream).cycles()).isEmpty();
        }

        @Test
        void aReferenceDownwardsIsFine() {
            ClassModel stream = type("io.bobbinet.stream.Good", c -> c.withField("handle", SPI, ACC_PRIVATE));
            assertThat(rules(spi, stream).layers()).isEmpty();
            assertThat(rules(spi, stream).spiInSignatures()).isEmpty();
        }

        @Test
        void aReferenceInGenericsAloneIsTold() {
            ClassModel task = type(
                    "io.bobbinet.task.Bad",
                    c -> c.withField(
                            "list",
                            ClassDesc.of("java.util.List"),
                            f -> f.withFlags(ACC_PRIVATE)
                                    .with(SignatureAttribute.of(Signature.parseFrom(
                                            "Ljava/util/List<Lio/bobbinet/stream/ByteStream;>;")))));
            assertThat(rules(task).layers())
                    .containsExactly("io.bobbinet.task.Bad knows io.bobbinet.stream.ByteStream");
        }

        @Test
        void aBackendThatKnowsMoreThanTheSpiIsTold() {
            ClassModel backend = type(
                    "io.bobbinet.backend.nio.Bad",
                    c -> c.withField("task", ClassDesc.of("io.bobbinet.task.Task"), ACC_PRIVATE));
            assertThat(rules(backend).layers())
                    .containsExactly("io.bobbinet.backend.nio.Bad knows io.bobbinet.task.Task");
        }

        @Test
        void aPackageWithoutAPlaceIsTold() {
            ClassModel odd = type("io.bobbinet.internal.Odd", c -> {});
            assertThat(rules(odd).layers())
                    .containsExactly("io.bobbinet.internal.Odd is in a package that has no place among the layers");
            assertThat(rules(odd).emptyNames()).containsExactly("io.bobbinet.internal");
        }

        @Test
        void aCircleIsTold() {
            ClassModel up = type(
                    "io.bobbinet.net.Up", c -> c.withField("f", ClassDesc.of("io.bobbinet.stream.Down"), ACC_PRIVATE));
            ClassModel down = type(
                    "io.bobbinet.stream.Down", c -> c.withField("f", ClassDesc.of("io.bobbinet.net.Up"), ACC_PRIVATE));
            assertThat(rules(up, down).cycles())
                    .containsExactly(
                            "io.bobbinet.net -> [io.bobbinet.stream]", "io.bobbinet.stream -> [io.bobbinet.net]");
        }

        @Test
        void aPackageThatIsNotNullMarkedIsTold() {
            ClassModel type = type("io.bobbinet.stream.Good", c -> {});
            ClassModel bare =
                    type(ClassDesc.of("io.bobbinet.stream.package-info"), ACC_INTERFACE | ACC_ABSTRACT, c -> {});
            ClassModel marked = type(
                    ClassDesc.of("io.bobbinet.stream.package-info"),
                    ACC_INTERFACE | ACC_ABSTRACT,
                    c -> c.with(RuntimeVisibleAnnotationsAttribute.of(
                            Annotation.of(ClassDesc.of("org.jspecify.annotations.NullMarked")))));
            assertThat(rules(type, bare).notNullMarked()).containsExactly("io.bobbinet.stream");
            assertThat(rules(type, marked).notNullMarked()).isEmpty();
        }

        @Test
        void theSpiInAPublicSignatureIsTold() {
            ClassModel supertype = type("io.bobbinet.net.A", c -> c.withInterfaceSymbols(SPI));
            ClassModel field = type("io.bobbinet.net.B", c -> c.withField("handle", SPI, ACC_PUBLIC));
            ClassModel method = type(
                    ClassDesc.of("io.bobbinet.net.C"),
                    ACC_PUBLIC | ACC_ABSTRACT | ACC_INTERFACE,
                    c -> c.withMethod("m", MethodTypeDesc.of(CD_void, SPI), ACC_PUBLIC | ACC_ABSTRACT, m -> {}));
            ClassModel hidden = type(ClassDesc.of("io.bobbinet.net.D"), ACC_FINAL, c -> c.withInterfaceSymbols(SPI));
            assertThat(rules(spi, supertype, field, method, hidden).spiInSignatures())
                    .containsExactly(
                            "io.bobbinet.net.A shows io.bobbinet.spi.Handle",
                            "io.bobbinet.net.B.handle shows io.bobbinet.spi.Handle",
                            "io.bobbinet.net.C.m(Lio/bobbinet/spi/Handle;)V shows io.bobbinet.spi.Handle");
        }

        @Test
        void anOpenClassIsTold() {
            ClassModel open = type(ClassDesc.of("io.bobbinet.net.Open"), ACC_PUBLIC, c -> {});
            ClassModel exception = type(
                    ClassDesc.of("io.bobbinet.net.OddException"),
                    ACC_PUBLIC,
                    c -> c.withSuperclass(ClassDesc.of("java.io.IOException")));
            ClassModel hidden = type(ClassDesc.of("io.bobbinet.net.Hidden"), 0, c -> {});
            assertThat(rules(open, exception, hidden, spi).openClasses()).containsExactly("io.bobbinet.net.Open");
        }

        @Test
        void nullInAPublicSignatureIsTold() {
            TypeAnnotation nullable =
                    TypeAnnotation.of(TypeAnnotation.TargetInfo.ofMethodReturn(), List.of(), Annotation.of(NULLABLE));
            ClassModel bad = type("io.bobbinet.net.Bad", c -> {
                for (int flags : new int[] {ACC_PUBLIC, ACC_PRIVATE}) {
                    c.withMethod(
                            "m" + flags,
                            MethodTypeDesc.of(CD_Object),
                            flags,
                            m -> m.withCode(code -> code.aconst_null().areturn())
                                    .with(RuntimeVisibleTypeAnnotationsAttribute.of(nullable)));
                }
            });
            assertThat(rules(bad).nullableInSignatures()).containsExactly("io.bobbinet.net.Bad.m1()Ljava/lang/Object;");
        }
    }
}

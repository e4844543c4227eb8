package io.bobbinet.guards;

import static io.bobbinet.guards.CompiledModule.name;
import static io.bobbinet.guards.CompiledModule.packageOf;

import java.lang.classfile.AttributedElement;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeAnnotation;
import java.lang.classfile.attribute.RecordComponentInfo;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules of docs/design.md on packages and public types. Each gives the places that break it; empty is good. */
final class LayerRules {
    /** From the top to the bottom: a package may know those after it. */
    private static final List<String> LAYERS = List.of(
            "io.bobbinet.async",
            "io.bobbinet.packet.codec",
            "io.bobbinet.packet",
            "io.bobbinet.tls",
            "io.bobbinet.net",
            "io.bobbinet.stream",
            "io.bobbinet.task",
            "io.bobbinet.spi");

    private static final String SPI = "io.bobbinet.spi";

    /** Found by ServiceLoader; they know the SPI, and nobody knows them. */
    private static final Set<String> BACKENDS = Set.of("io.bobbinet.backend.nio", "io.bobbinet.linux");

    private static final Set<String> EMPTY_NAMES = Set.of("impl", "internal", "util", "utils", "common", "helper");

    private final List<ClassModel> classes;
    private final Set<String> exported;
    private final PublicApi api;

    LayerRules(List<ClassModel> classes, Set<String> exported) {
        this.classes = classes;
        this.exported = exported;
        this.api = new PublicApi(classes);
    }

    /** References that point upwards, or to or from a package that has no place. */
    List<String> layers() {
        List<String> broken = new ArrayList<>();
        for (ClassModel type : classes) {
            String from = packageOf(type);
            for (String target : References.of(type)) {
                String to = packageOf(target);
                if (!from.equals(to) && !mayKnow(from, to)) {
                    broken.add(name(type) + " knows " + target);
                }
            }
            if (!LAYERS.contains(from) && !BACKENDS.contains(from)) {
                broken.add(name(type) + " is in a package that has no place among the layers");
            }
        }
        return broken;
    }

    private static boolean mayKnow(String from, String to) {
        if (BACKENDS.contains(from)) {
            return to.equals(SPI);
        }
        return LAYERS.contains(from) && LAYERS.indexOf(from) < LAYERS.indexOf(to);
    }

    /** Packages that know each other around a circle, whatever their order. */
    List<String> cycles() {
        Map<String, Set<String>> known = new TreeMap<>();
        for (ClassModel type : classes) {
            Set<String> targets = known.computeIfAbsent(packageOf(type), p -> new TreeSet<>());
            References.of(type).forEach(t -> targets.add(packageOf(t)));
        }
        known.forEach((from, targets) -> targets.remove(from));
        // What knows only packages that are out already is in no circle.
        while (known.values().removeIf(targets -> targets.stream().noneMatch(known::containsKey))) {}
        return known.entrySet().stream()
                .map(e -> e.getKey() + " -> " + e.getValue())
                .toList();
    }

    /** Packages with a name that says nothing. */
    List<String> emptyNames() {
        return packages()
                .filter(p -> Stream.of(p.split("\\.")).anyMatch(EMPTY_NAMES::contains))
                .toList();
    }

    /** Packages that are not null-marked. */
    List<String> notNullMarked() {
        Set<String> marked = classes.stream()
                .filter(CompiledModule::isPackageInfo)
                .filter(t -> t.findAttribute(Attributes.runtimeVisibleAnnotations()).stream()
                        .flatMap(a -> a.annotations().stream())
                        .anyMatch(a -> a.className().equalsString("Lorg/jspecify/annotations/NullMarked;")))
                .map(CompiledModule::packageOf)
                .collect(Collectors.toSet());
        return packages().filter(p -> !marked.contains(p)).toList();
    }

    private Stream<String> packages() {
        return classes.stream().map(CompiledModule::packageOf).distinct().sorted();
    }

    /** Visible places of the stream layer and above that mention a type of the SPI. */
    List<String> spiInSignatures() {
        Set<String> above = Set.copyOf(LAYERS.subList(0, LAYERS.indexOf("io.bobbinet.task")));
        List<String> broken = new ArrayList<>();
        for (ClassModel type : api.types(above)) {
            signatures(type)
                    .forEach((place, text) -> References.in(text).stream()
                            .filter(t -> packageOf(t).equals(SPI))
                            .forEach(t -> broken.add(place + " shows " + t)));
        }
        return broken;
    }

    /** Everything users see of a type in descriptors and generic signatures, by where it stands. */
    private static Map<String, String> signatures(ClassModel type) {
        Map<String, String> found = new TreeMap<>();
        String name = name(type);
        StringBuilder supertypes = new StringBuilder(generic(type));
        type.superclass().ifPresent(s -> supertypes.append(' ').append(s.asInternalName()));
        type.interfaces().forEach(i -> supertypes.append(' ').append(i.asInternalName()));
        found.put(name, supertypes.toString());
        for (FieldModel field : PublicApi.fields(type)) {
            found.put(name + "." + field.fieldName(), field.fieldType().stringValue() + " " + generic(field));
        }
        for (MethodModel method : PublicApi.methods(type)) {
            StringBuilder text = new StringBuilder(method.methodType().stringValue());
            text.append(' ').append(generic(method));
            method.findAttribute(Attributes.exceptions())
                    .ifPresent(a -> a.exceptions().forEach(e -> text.append(' ').append(e.asInternalName())));
            found.put(name + "." + method.methodName() + method.methodType(), text.toString());
        }
        for (RecordComponentInfo component : components(type)) {
            found.put(name + " component " + component.name(), component.descriptor() + " " + generic(component));
        }
        return found;
    }

    private static List<RecordComponentInfo> components(ClassModel type) {
        return type.findAttribute(Attributes.record()).map(r -> r.components()).orElse(List.of());
    }

    private static String generic(AttributedElement element) {
        return element.findAttribute(Attributes.signature())
                .map(s -> s.signature().stringValue())
                .orElse("");
    }

    /** Exported classes that anybody could extend. The SPI is there to be implemented. */
    List<String> openClasses() {
        Set<String> closed = new TreeSet<>(exported);
        closed.remove(SPI);
        return api.types(closed).stream()
                .filter(t -> !isClosed(t) && !isException(t))
                .map(CompiledModule::name)
                .toList();
    }

    private static boolean isClosed(ClassModel type) {
        Set<AccessFlag> flags = PublicApi.declaredFlags(type);
        return flags.contains(AccessFlag.FINAL)
                || flags.contains(AccessFlag.INTERFACE)
                || flags.contains(AccessFlag.ENUM)
                || type.findAttribute(Attributes.permittedSubclasses()).isPresent();
    }

    private boolean isException(ClassModel type) {
        String parent =
                type.superclass().map(s -> s.asInternalName().replace('/', '.')).orElse("");
        for (ClassModel candidate : classes) {
            if (name(candidate).equals(parent)) {
                return isException(candidate);
            }
        }
        try {
            return Throwable.class.isAssignableFrom(Class.forName(parent));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** Visible places of exported packages where null is part of the signature. */
    List<String> nullableInSignatures() {
        List<String> broken = new ArrayList<>();
        for (ClassModel type : api.types(exported)) {
            note(broken, name(type), List.of(type));
            PublicApi.fields(type).forEach(f -> note(broken, name(type) + "." + f.fieldName(), List.of(f)));
            PublicApi.methods(type)
                    .forEach(m -> note(broken, name(type) + "." + m.methodName() + m.methodType(), List.of(m)));
            note(broken, name(type) + " (components)", components(type));
        }
        return broken;
    }

    private static void note(List<String> broken, String place, Collection<? extends AttributedElement> elements) {
        if (elements.stream().anyMatch(LayerRules::hasNullable)) {
            broken.add(place);
        }
    }

    private static boolean hasNullable(AttributedElement element) {
        return element.findAttribute(Attributes.runtimeVisibleTypeAnnotations()).stream()
                .flatMap(a -> a.annotations().stream())
                .map(TypeAnnotation::annotation)
                .anyMatch(a -> a.className().equalsString("Lorg/jspecify/annotations/Nullable;"));
    }
}

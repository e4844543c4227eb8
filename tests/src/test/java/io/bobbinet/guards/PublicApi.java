package io.bobbinet.guards;

import java.lang.classfile.AccessFlags;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.InnerClassInfo;
import java.lang.reflect.AccessFlag;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What of a module's classes users can see: types, fields and methods that are public or protected. */
final class PublicApi {
    private final Map<String, ClassModel> classes;

    PublicApi(List<ClassModel> classes) {
        this.classes = classes.stream().collect(Collectors.toMap(CompiledModule::name, Function.identity()));
    }

    /** The visible types of the given packages, in the order of their names. */
    List<ClassModel> types(Set<String> packages) {
        return classes.values().stream()
                .filter(t -> packages.contains(CompiledModule.packageOf(t)))
                .filter(t -> !CompiledModule.isPackageInfo(t))
                .filter(this::isVisible)
                .sorted(Comparator.comparing(CompiledModule::name))
                .toList();
    }

    private boolean isVisible(ClassModel type) {
        if (!isVisible(declaredFlags(type))) {
            return false;
        }
        return declaration(type)
                .flatMap(InnerClassInfo::outerClass)
                .map(outer -> classes.get(outer.asInternalName().replace('/', '.')))
                .map(this::isVisible)
                .orElse(true);
    }

    /** What a class's source says of it: a nested class has its true flags only in the table of inner classes. */
    static Set<AccessFlag> declaredFlags(ClassModel type) {
        return declaration(type)
                .map(InnerClassInfo::flags)
                .orElseGet(() -> type.flags().flags());
    }

    private static Optional<InnerClassInfo> declaration(ClassModel type) {
        return type.findAttribute(Attributes.innerClasses()).stream()
                .flatMap(a -> a.classes().stream())
                .filter(i ->
                        i.innerClass().asInternalName().equals(type.thisClass().asInternalName()))
                .findFirst();
    }

    private static boolean isVisible(Set<AccessFlag> flags) {
        return flags.contains(AccessFlag.PUBLIC) || flags.contains(AccessFlag.PROTECTED);
    }

    private static boolean isVisible(AccessFlags flags) {
        return isVisible(flags.flags()) && !flags.has(AccessFlag.SYNTHETIC);
    }

    /** The visible fields of a type. */
    static List<FieldModel> fields(ClassModel type) {
        return type.fields().stream().filter(f -> isVisible(f.flags())).toList();
    }

    /** The visible methods and constructors of a type. */
    static List<MethodModel> methods(ClassModel type) {
        return type.methods().stream().filter(m -> isVisible(m.flags())).toList();
    }
}

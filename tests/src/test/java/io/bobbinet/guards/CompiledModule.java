package io.bobbinet.guards;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.module.ModuleDescriptor;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The bytecode of a module, wherever it was built to: a folder of classes or a jar.
 *
 * @param name the module's name
 * @param exported its unqualified exports
 * @param classes its classes, in the order of their names, package descriptions included
 */
record CompiledModule(String name, Set<String> exported, List<ClassModel> classes) {

    /** The module that a class comes from. */
    static CompiledModule of(Class<?> anchor) {
        return at(anchor, CompiledModule::read);
    }

    /** A file beside the classes of the module that a class comes from. */
    static byte[] resource(Class<?> anchor, String name) {
        return at(anchor, root -> Files.readAllBytes(root.resolve(name)));
    }

    private interface Reading<T> {
        T from(Path root) throws IOException;
    }

    private static <T> T at(Class<?> anchor, Reading<T> reading) {
        try {
            Path location = Path.of(
                    anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(location)) {
                return reading.from(location);
            }
            try (FileSystem jar = FileSystems.newFileSystem(location)) {
                return reading.from(jar.getPath("/"));
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("Cannot read what lies beside " + anchor, e);
        }
    }

    private static CompiledModule read(Path root) throws IOException {
        ModuleDescriptor descriptor =
                ModuleDescriptor.read(ByteBuffer.wrap(Files.readAllBytes(root.resolve("module-info.class"))));
        Set<String> exported = descriptor.exports().stream()
                .filter(e -> !e.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toCollection(TreeSet::new));
        List<ClassModel> classes = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted().toList()) {
                String name =
                        file.getFileName() == null ? "" : file.getFileName().toString();
                if (name.endsWith(".class") && !name.equals("module-info.class")) {
                    classes.add(ClassFile.of().parse(Files.readAllBytes(file)));
                }
            }
        }
        return new CompiledModule(descriptor.name(), exported, classes);
    }

    /** The name of a class, with dots. */
    static String name(ClassModel type) {
        return type.thisClass().asInternalName().replace('/', '.');
    }

    /** The package of a class. */
    static String packageOf(ClassModel type) {
        return packageOf(name(type));
    }

    /** The package of a class. */
    static String packageOf(String name) {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    /** Whether it is package-info, which is no class. */
    static boolean isPackageInfo(ClassModel type) {
        return name(type).endsWith(".package-info");
    }
}

package io.bobbinet.guards;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The files of the repository, without what builds and editors leave in it. */
final class Repository {
    private static final Path ROOT = findRoot();
    private static final long LARGEST_TEXT = 2_000_000;

    private Repository() {}

    /**
     * A text file.
     *
     * @param path where it is, from the root, with slashes
     * @param text what it says
     */
    record TextFile(String path, String text) {
        boolean isJava() {
            return path.endsWith(".java");
        }

        boolean isMainJava() {
            return isJava() && path.contains("/src/main/");
        }

        /** Whether it is code of tests; the tests module is nothing else. */
        boolean isTestJava() {
            return isJava() && (path.contains("/src/test/") || path.startsWith("tests/"));
        }

        /** The name of the class that the file declares. */
        String className() {
            return path.substring(path.lastIndexOf('/') + 1).replace(".java", "");
        }

        /** The lines without comments, as many as there are; good enough for code that is formatted. */
        List<String> codeLines() {
            List<String> lines = new ArrayList<>();
            boolean inComment = false;
            for (String line : text.lines().toList()) {
                String bare = line.strip();
                inComment |= bare.startsWith("/*");
                int comment = line.indexOf("// ");
                lines.add(inComment ? "" : comment >= 0 ? line.substring(0, comment) : line);
                inComment &= !bare.endsWith("*/");
            }
            return lines;
        }
    }

    static Path root() {
        return ROOT;
    }

    /** All text files, in the order of their paths. */
    static List<TextFile> files() {
        return Loaded.FILES;
    }

    /** The text file at a path. */
    static TextFile file(String path) {
        return files().stream()
                .filter(f -> f.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no " + path));
    }

    static Stream<TextFile> java() {
        return files().stream().filter(TextFile::isJava);
    }

    private static Path findRoot() {
        // Tests run in the folder of their module.
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("tools/FormatSources.java"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "Not inside the repository: " + Path.of("").toAbsolutePath());
    }

    /** Read once, at first use. */
    private static final class Loaded {
        static final List<TextFile> FILES = load();

        private static List<TextFile> load() {
            List<TextFile> files = new ArrayList<>();
            try {
                Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                        return isForeign(folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                        if (attributes.isRegularFile() && attributes.size() <= LARGEST_TEXT) {
                            read(file, files);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            files.sort(Comparator.comparing(TextFile::path));
            return List.copyOf(files);
        }

        private static boolean isForeign(Path folder) {
            String name = folder.getFileName().toString();
            return !folder.equals(ROOT) && (name.equals("target") || name.startsWith(".") && !name.equals(".ci"));
        }

        private static void read(Path file, List<TextFile> files) throws IOException {
            String path = ROOT.relativize(file).toString().replace('\\', '/');
            if (path.equals(".git")) {
                return; // a file in a linked working tree
            }
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                        .toString();
                files.add(new TextFile(path, text));
            } catch (CharacterCodingException e) {
                // A picture or the like.
            }
        }
    }
}

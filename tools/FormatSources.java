import com.palantir.javaformat.java.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** Runs palantir-java-format over every Java file below a folder: {@code check FOLDER} or {@code apply FOLDER}. */
public final class FormatSources {
    private FormatSources() {}

    public static void main(String[] args) throws Exception {
        boolean check = args[0].equals("check");
        List<String> arguments = new ArrayList<>(List.of("--palantir"));
        arguments.addAll(check ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
        List<String> sources = sources(Path.of(args[1]));
        if (sources.isEmpty()) {
            return;
        }
        arguments.addAll(sources);
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        int status = new Main(out, err, System.in).format(arguments.toArray(String[]::new));
        out.flush();
        err.flush();
        if (status != 0 && check) {
            System.err.println("The files above are not formatted. Run: mvn -N -Pformat process-sources");
        }
        System.exit(status);
    }

    private static List<String> sources(Path root) throws IOException {
        List<String> found = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                boolean skipped = !folder.equals(root) && (name.equals("target") || name.startsWith("."));
                return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".java")) {
                    found.add(file.toString());
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }
}

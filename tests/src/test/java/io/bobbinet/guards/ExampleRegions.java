package io.bobbinet.guards;

import io.bobbinet.guards.Repository.TextFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of the examples that documentation shows: what lies between {@code // @start region="name"} and
 * {@code // @end region="name"}, the marks of the javadoc snippet tag, without the indentation that all of it shares.
 */
final class ExampleRegions {
    private static final Pattern START = Pattern.compile("//\\s*@start\\s+region=\"?([\\w-]+)\"?.*");
    private static final Pattern END = Pattern.compile("//\\s*@end(?:\\s+region=\"?([\\w-]+)\"?)?.*");

    private final Map<String, String> regions = new TreeMap<>();

    /** Reads the regions of the example sources among the files. */
    static ExampleRegions of(List<TextFile> files) {
        ExampleRegions regions = new ExampleRegions();
        files.stream()
                .filter(f -> f.path().startsWith("examples/src/main/java/") && f.isJava())
                .forEach(regions::read);
        return regions;
    }

    /** The text of a region, named as {@code File.java#region}. */
    Optional<String> find(String name) {
        return Optional.ofNullable(regions.get(name));
    }

    private record Open(String name, List<String> lines) {}

    private void read(TextFile file) {
        List<Open> open = new ArrayList<>();
        for (String line : file.text().lines().toList()) {
            Matcher start = START.matcher(line.strip());
            Matcher end = END.matcher(line.strip());
            if (start.matches()) {
                open.add(new Open(start.group(1), new ArrayList<>()));
            } else if (end.matches() && !open.isEmpty()) {
                close(file, open, end.group(1));
            } else {
                open.forEach(r -> r.lines.add(line));
            }
        }
        if (!open.isEmpty()) {
            throw new IllegalArgumentException(file.path() + ": region " + open.getLast().name + " is not ended");
        }
    }

    /** Ends the region of a name, or the innermost one. */
    private void close(TextFile file, List<Open> open, String name) {
        Open closed = open.reversed().stream()
                .filter(r -> name == null || r.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(file.path() + ": no region " + name + " to end"));
        open.remove(closed);
        String key = file.className() + ".java#" + closed.name;
        if (regions.put(key, String.join("\n", closed.lines).stripIndent().strip()) != null) {
            throw new IllegalArgumentException("Two regions are named " + key);
        }
    }
}

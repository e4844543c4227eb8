package io.bobbinet.guards;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.TaskExamples;
import io.bobbinet.guards.MarkdownPage.JavaBlock;
import io.bobbinet.guards.MarkdownPage.Link;
import io.bobbinet.guards.Repository.TextFile;
import io.bobbinet.task.Task;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The documentation shows code that is compiled, and nothing that is not there.
 *
 * <p>A block of Java in the README or below {@code docs} shows a region of an example, and says which in the line before:
 *
 * <pre>
 * &lt;!-- examples: TcpExamples.java#connect --&gt;
 * </pre>
 */
@Timeout(60)
final class DocumentationTest {
    /** This file, which names what it looks for. */
    private static final String SELF = "tests/src/test/java/io/bobbinet/guards/DocumentationTest.java";

    /** Where packages come from is a matter of whoever builds. */
    private static final Pattern REGISTRY = Pattern.compile(
            "\\b(repo1?\\.maven\\.(org|apache\\.org)|(central|oss|s01\\.oss)\\.sonatype\\.(com|org)|search\\.maven\\.org"
                + "|registry\\.npmjs\\.org|pypi\\.org|files\\.pythonhosted\\.org|(index|static)\\.crates\\.io"
                + "|(proxy|sum)\\.golang\\.org|registry-1\\.docker\\.io|deb\\.debian\\.org|artifactory|plugins\\.gradle\\.org)\\b");

    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w$}.*~-])/(root|work|home/\\w+|Users/\\w+|usr/lib/jvm/\\w+)(?![\\w.*-])");

    private static List<MarkdownPage> pages() {
        return Repository.files().stream()
                .filter(f -> f.path().endsWith(".md"))
                .filter(f -> f.path().startsWith("docs/") || !f.path().contains("/"))
                .map(MarkdownPage::new)
                .toList();
    }

    /** The blocks of a page that show no example, or show it wrongly. */
    private static List<String> strayBlocks(MarkdownPage page, ExampleRegions regions) {
        List<String> stray = new ArrayList<>();
        for (JavaBlock block : page.blocks()) {
            String place = page.path() + ":" + block.line() + ": ";
            if (block.example().isEmpty()) {
                stray.add(place + "not marked with <!-- examples: File.java#region -->");
            } else if (regions.find(block.example()).isEmpty()) {
                stray.add(place + "there is no region " + block.example());
            } else if (!regions.find(block.example()).orElseThrow().equals(block.text())) {
                stray.add(place + "differs from " + block.example() + ", which is\n"
                        + regions.find(block.example()).orElseThrow());
            }
        }
        return stray;
    }

    @Test
    void everyJavaBlockIsAnExample() {
        ExampleRegions regions = ExampleRegions.of(Repository.files());
        assertThat(pages().stream().flatMap(p -> strayBlocks(p, regions).stream()))
                .isEmpty();
    }

    @Test
    void aBlockThatIsNoExampleIsTold() {
        ExampleRegions regions = ExampleRegions.of(List.of(new TextFile("examples/src/main/java/a/One.java", """
            class One {
                void m() {
                    // @start region="call"
                    if (a) {
                        b();
                    }
                    // @end region="call"
                }
            }
            """)));
        assertThat(strayBlocks(
                        page("<!-- examples: One.java#call -->\n```java\nif (a) {\n    b();\n}\n```\n"), regions))
                .isEmpty();
        assertThat(strayBlocks(page("```java\nb();\n```\n"), regions))
                .containsExactly("docs/page.md:1: not marked with <!-- examples: File.java#region -->");
        assertThat(strayBlocks(page("<!-- examples: One.java#other -->\n\n```java\nb();\n```\n"), regions))
                .containsExactly("docs/page.md:3: there is no region One.java#other");
        assertThat(strayBlocks(page("<!-- examples: One.java#call -->\n```java\nb();\n```\n"), regions))
                .singleElement()
                .asString()
                .startsWith("docs/page.md:2: differs from One.java#call");
    }

    private static MarkdownPage page(String text) {
        return new MarkdownPage(new TextFile("docs/page.md", text));
    }

    @Test
    void relativeLinksLeadSomewhere() {
        assertThat(pages().stream().flatMap(p -> brokenLinks(p).stream())).isEmpty();
    }

    private static List<String> brokenLinks(MarkdownPage page) {
        List<String> broken = new ArrayList<>();
        for (Link link : page.links()) {
            if (!link.target().matches("[a-z]+:.*") && !leadsSomewhere(page, link.target())) {
                broken.add(page.path() + ":" + link.line() + ": " + link.target());
            }
        }
        return broken;
    }

    private static boolean leadsSomewhere(MarkdownPage page, String target) {
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        String anchor = hash < 0 ? "" : target.substring(hash + 1);
        Path root = Repository.root();
        Path to = file.isEmpty()
                ? root.resolve(page.path())
                : root.resolve(page.path()).resolveSibling(file).normalize();
        if (!file.isEmpty() && (!to.startsWith(root) || !Files.exists(to))) {
            return false;
        }
        if (anchor.isEmpty() || !to.toString().endsWith(".md")) {
            return true;
        }
        MarkdownPage there = file.isEmpty()
                ? page
                : new MarkdownPage(
                        Repository.file(root.relativize(to).toString().replace('\\', '/')));
        return there.anchors().contains(anchor);
    }

    @Test
    void aLinkToNowhereIsTold() {
        MarkdownPage page = page("""
            # A heading: with `code`

            [here](#a-heading-with-code) and [there](../pom.xml), [out](https://example.org), `[no](link)`
            [nowhere](missing.md) [no anchor](#b) [outside](../../up.md)
            """);
        assertThat(brokenLinks(page))
                .containsExactly("docs/page.md:4: missing.md", "docs/page.md:4: #b", "docs/page.md:4: ../../up.md");
    }

    @Test
    void nothingNamesARegistryOrAMachine() {
        List<String> places = Repository.files().stream()
                .filter(f -> !f.path().equals(SELF))
                .flatMap(f -> Stream.concat(places(f, REGISTRY), places(f, MACHINE_PATH)))
                .toList();
        assertThat(places).isEmpty();
    }

    private static Stream<String> places(TextFile file, Pattern pattern) {
        List<String> lines = file.text().lines().toList();
        List<String> places = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (pattern.matcher(lines.get(i)).find()) {
                places.add(file.path() + ":" + (i + 1) + ": " + lines.get(i).strip());
            }
        }
        return places.stream();
    }

    @Test
    void registriesAndMachinesAreKnownWhenSeen() {
        assertThat("https://repo1.maven.org/maven2").containsPattern(REGISTRY);
        assertThat("http://maven.apache.org/POM/4.0.0").doesNotContainPattern(REGISTRY);
        assertThat("cd /root/project").containsPattern(MACHINE_PATH);
        assertThat("/work/x and \"/usr/lib/jvm/jdk-25/bin\"").containsPattern(MACHINE_PATH);
        assertThat("/usr/lib/jvm/* /workers a/work $home/work").doesNotContainPattern(MACHINE_PATH);
    }

    @Test
    void everyPublicTypeIsShownByAnExample() {
        assertThat(typesWithoutExample()).isEmpty();
    }

    /** Public types outside of the SPI, exceptions apart, that the bytecode of no example mentions. */
    private static List<String> typesWithoutExample() {
        Set<String> shown = new TreeSet<>();
        CompiledModule.of(TaskExamples.class).classes().forEach(t -> shown.addAll(References.of(t)));
        CompiledModule library = CompiledModule.of(Task.class);
        Set<String> packages = new TreeSet<>(library.exported());
        packages.remove("io.bobbinet.spi");
        return new PublicApi(library.classes())
                .types(packages).stream()
                        .map((ClassModel t) -> CompiledModule.name(t))
                        .filter(t -> !t.endsWith("Exception") && !shown.contains(t))
                        .toList();
    }
}

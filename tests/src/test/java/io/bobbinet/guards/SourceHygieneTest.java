package io.bobbinet.guards;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.guards.Repository.TextFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Habits that no compiler checks. */
@Timeout(60)
final class SourceHygieneTest {
    private static final int LONGEST_MAIN_FILE = 600;

    /** This file, which names what it looks for. */
    private static final String SELF = "SourceHygieneTest";

    /** Where programs talk to people. */
    private static final Set<String> PROGRAMS = Set.of("bobbinet-cli", "bench", "examples", "tools");

    /** A test may sleep for ever or not at all: then the JDK's sleep is what it tests, being cut short or passed. */
    private static final String SLEEPS =
            "(Thread|TimeUnit\\.\\w+|SECONDS|MILLISECONDS|MICROSECONDS|NANOSECONDS)\\.sleep\\((?!(0|\\d+_?\\d{3}_?\\d{3})\\))|::sleep\\b";

    private static final String CLOCKS =
            "currentTimeMillis\\(|\\b(Instant|LocalDateTime|ZonedDateTime|OffsetDateTime)\\.now\\(|Clock\\.system";
    /** A test may print the seed of its random choices. */
    private static final String PRINTS =
            "^(?!.*\\bseed\\b).*System\\s*\\.(out|err)\\s*\\.|^.*\\.printStackTrace\\(\\s*\\)";

    private static final String VAGUE_NAMES =
            "\\b(class|interface|record|enum) (Abstract[A-Z]\\w*|\\w+(Impl|Manager|Helpers?|Utils?))\\b";

    /** Each place where code matches, comments left out. */
    private static List<String> inCode(Predicate<TextFile> files, String regex) {
        Pattern pattern = Pattern.compile(regex);
        return Repository.java()
                .filter(f -> !f.className().equals(SELF))
                .filter(files)
                .flatMap(f -> places(f, f.codeLines(), pattern))
                .toList();
    }

    private static Stream<String> places(TextFile file, List<String> lines, Pattern pattern) {
        List<String> places = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (pattern.matcher(lines.get(i)).find()) {
                places.add(file.path() + ":" + (i + 1) + ": " + lines.get(i).strip());
            }
        }
        return places.stream();
    }

    @Test
    void readsTheWholeRepository() {
        assertThat(Repository.files())
                .extracting(TextFile::path)
                .contains("pom.xml", ".ci/run", "bobbinet-core/src/main/java/module-info.java")
                .contains("tests/src/test/java/io/bobbinet/guards/" + SELF + ".java")
                .noneMatch(p -> p.contains("/target/"));
    }

    @Test
    void testsDoNotSleep() {
        assertThat(inCode(TextFile::isTestJava, SLEEPS)).isEmpty();
    }

    @Test
    void testsDoNotAskForTheTimeOfDay() {
        assertThat(inCode(TextFile::isTestJava, CLOCKS)).isEmpty();
    }

    @Test
    void onlyProgramsPrint() {
        assertThat(inCode(f -> !isProgram(f), PRINTS)).isEmpty();
    }

    /** Whether printing is the business of a file: the modules of programs, and what tests start as a process. */
    private static boolean isProgram(TextFile file) {
        return PROGRAMS.contains(file.path().substring(0, file.path().indexOf('/')))
                || file.path().endsWith("/TalkingPeer.java")
                || file.path().endsWith("/ActivationReport.java")
                || file.path().endsWith("Program.java");
    }

    @Test
    void nothingIsLeftForLater() {
        Pattern later = Pattern.compile("\\b(TODO|FIXME)\\b");
        List<String> places = Repository.files().stream()
                .filter(f -> !f.path().endsWith("/" + SELF + ".java"))
                .flatMap(f -> places(f, f.text().lines().toList(), later))
                .toList();
        assertThat(places).isEmpty();
    }

    @Test
    void noTestIsDisabledForGood() {
        assertThat(inCode(TextFile::isTestJava, "@Disabled\\b")).isEmpty();
    }

    @Test
    void noMainFileIsTooLongToReview() {
        assertThat(Repository.java().filter(TextFile::isMainJava))
                .allSatisfy(
                        f -> assertThat(f.text().lines().count()).as(f.path()).isLessThanOrEqualTo(LONGEST_MAIN_FILE));
    }

    /** Surefire would not run them under other names. */
    @Test
    void testClassesAreCalledTest() {
        Pattern tests = Pattern.compile("^\\s*@(\\w*Test|TestFactory|TestTemplate)\\b(?!\\w)", Pattern.MULTILINE);
        List<String> misnamed = Repository.java()
                .filter(f -> f.path().contains("/src/test/"))
                .filter(f -> tests.matcher(f.text()).find() && !f.text().contains("\npublic abstract class "))
                .map(TextFile::path)
                .filter(p -> !p.endsWith("Test.java"))
                .toList();
        assertThat(misnamed).isEmpty();
    }

    @Test
    void testMethodsAreSentencesNotNumbers() {
        assertThat(inCode(TextFile::isTestJava, "^    (public )?void test[A-Z0-9_]\\w*\\("))
                .isEmpty();
    }

    @Test
    void classesAreCalledByWhatTheyAre() {
        assertThat(inCode(TextFile::isJava, VAGUE_NAMES)).isEmpty();
    }

    /** Formatters still damage comments of three slashes. */
    @Test
    void docCommentsAreOfTheOldForm() {
        List<String> places = Repository.java()
                .flatMap(f -> places(f, f.text().lines().toList(), Pattern.compile("^\\s*///")))
                .toList();
        assertThat(places).isEmpty();
    }

    @Test
    void eachRuleKnowsAnOffender() {
        assertThat("Thread.sleep(10);").containsPattern(SLEEPS);
        assertThat("TimeUnit.SECONDS.sleep(1);").containsPattern(SLEEPS);
        assertThat("Thread.sleep(0); Thread.sleep(1_000_000);").doesNotContainPattern(SLEEPS);
        assertThat("scope.sleep(ofSeconds(1));").doesNotContainPattern(SLEEPS);
        assertThat("long start = System.currentTimeMillis();").containsPattern(CLOCKS);
        assertThat("System.out.println(1);").containsPattern(PRINTS);
        assertThat("System.out.println(\"seed \" + seed);").doesNotContainPattern(PRINTS);
        assertThat("e.printStackTrace();").containsPattern(PRINTS);
        assertThat("final class StreamUtil {").containsPattern(VAGUE_NAMES);
        assertThat("class AbstractStream {").containsPattern(VAGUE_NAMES);
        assertThat("enum UnixName { ABSTRACT }").doesNotContainPattern(VAGUE_NAMES);
    }

    @Test
    void commentsAreNoCode() {
        TextFile file = new TextFile("A.java", """
            /**
             * Thread.sleep(1)
             */
            int a; // Thread.sleep(2)
            Thread.sleep(3);
            """);
        assertThat(places(file, file.codeLines(), Pattern.compile(SLEEPS)))
                .containsExactly("A.java:5: Thread.sleep(3);");
    }
}

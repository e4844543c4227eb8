package io.bobbinet.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class WatchedFilesTest {
    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
    private static final FileTime LATER = FileTime.from(Instant.parse("2020-01-01T00:00:00.000000001Z"));

    @TempDir
    private Path folder;

    private Path a;
    private Path b;
    private final LogLines log = new LogLines();
    private final AtomicInteger made = new AtomicInteger();

    @BeforeEach
    void write() throws IOException {
        a = Files.writeString(folder.resolve("a"), "one");
        b = Files.writeString(folder.resolve("b"), "two");
    }

    private WatchedFiles<String> watch(Path... files) throws IOException {
        return new WatchedFiles<>(List.of(files), this::make, log);
    }

    /** All contents; "bad" is no good. */
    private String make(List<byte[]> contents) throws IOException {
        made.incrementAndGet();
        List<String> texts = contents.stream().map(c -> new String(c, UTF_8)).toList();
        if (texts.contains("bad")) {
            throw new IOException("bad content");
        }
        return String.join("+", texts);
    }

    @Test
    void itIsMadeOfAllFilesInTheirOrder() throws IOException {
        assertThat(watch(b, a).latest()).isEqualTo("two+one");
    }

    @Test
    void whatIsMissingOrBadAtFirstIsAnError() throws IOException {
        Path none = folder.resolve("none");
        assertThatThrownBy(() -> watch(a, none))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(none.toString());
        assertThatThrownBy(() -> watch(folder))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContainingAll(folder.toString(), "directory");
        Files.writeString(a, "bad");
        assertThatThrownBy(() -> watch(a)).hasMessage("bad content");
        assertThat(log.lines).isEmpty();
    }

    @Test
    void whatNeverEndsIsNotRead() {
        Path endless = Path.of("/dev/zero");
        assumeTrue(Files.exists(endless), "no " + endless);
        assertThatThrownBy(() -> watch(endless))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContainingAll("/dev/zero", "too large");
    }

    @Test
    void aReplacedFileIsTakenUp() throws IOException {
        WatchedFiles<String> watched = watch(a, b);
        Files.writeString(b, "another");
        assertThat(watched.latest()).isEqualTo("one+another");
        Files.writeString(a, "third");
        assertThat(watched.latest()).isEqualTo("third+another");
        assertThat(log.lines).isEmpty();
    }

    @Test
    void aFileOfTheSameSizeIsTakenUpAlsoWithinOneTickOfTheClock() throws IOException {
        WatchedFiles<String> watched = watch(a);
        FileTime time = Files.getLastModifiedTime(a);
        Files.writeString(a, "eno");
        Files.setLastModifiedTime(a, time);
        assertThat(watched.latest()).isEqualTo("eno");
    }

    @Test
    void anOldFileOfTheSameSizeIsTakenUpWhenItsTimeDiffersByNanoseconds() throws IOException {
        Files.setLastModifiedTime(a, LONG_AGO);
        WatchedFiles<String> watched = watch(a);
        Files.writeString(a, "eno");
        Files.setLastModifiedTime(a, LATER);
        assertThat(watched.latest()).isEqualTo("eno");
    }

    @Test
    void anOldFileIsNotReadAgain() throws IOException {
        Files.setLastModifiedTime(a, LONG_AGO);
        WatchedFiles<String> watched = watch(a);
        Files.writeString(a, "eno"); // in place, so that nothing but the content tells
        Files.setLastModifiedTime(a, LONG_AGO);
        assertThat(watched.latest()).isEqualTo("one");
    }

    @Test
    void aFileThatWasOnlyTouchedMakesNothingNew() throws IOException {
        WatchedFiles<String> watched = watch(a);
        Files.setLastModifiedTime(a, LONG_AGO);
        assertThat(watched.latest()).isEqualTo("one");
        assertThat(made).hasValue(1);
    }

    @Test
    void anotherFileOfTheSameSizeAndTimeIsTakenUp() throws IOException {
        Files.setLastModifiedTime(a, LONG_AGO);
        WatchedFiles<String> watched = watch(a);
        Path other = Files.writeString(folder.resolve("other"), "eno");
        Files.setLastModifiedTime(other, LONG_AGO);
        Files.move(other, a, StandardCopyOption.ATOMIC_MOVE);
        assertThat(watched.latest()).isEqualTo("eno");
    }

    @Test
    void aLinkThatLeadsElsewhereIsTakenUp() throws IOException {
        Path live = folder.resolve("live");
        Files.createSymbolicLink(live, a);
        Files.setLastModifiedTime(a, LONG_AGO);
        Files.setLastModifiedTime(b, LONG_AGO);
        WatchedFiles<String> watched = watch(live);
        assertThat(watched.latest()).isEqualTo("one");
        Path next = Files.createSymbolicLink(folder.resolve("next"), b);
        Files.move(next, live, StandardCopyOption.ATOMIC_MOVE);
        assertThat(watched.latest()).isEqualTo("two");
    }

    @Test
    void badFilesChangeNothingAndAreToldOnce() throws IOException {
        WatchedFiles<String> watched = watch(a, b);
        Files.writeString(b, "bad");
        assertThat(watched.latest()).isEqualTo("one+two");
        assertThat(watched.latest()).isEqualTo("one+two");
        Files.setLastModifiedTime(b, LONG_AGO);
        assertThat(watched.latest()).isEqualTo("one+two");
        assertThat(made).hasValue(2);
        assertThat(log.lines)
                .singleElement()
                .satisfies(l -> assertThat(l)
                        .startsWith("WARNING ")
                        .contains(a + " and " + b, "stays in use", "bad content")
                        .doesNotContain("\n"));
        Files.writeString(b, "good");
        assertThat(watched.latest()).isEqualTo("one+good");
        Files.writeString(b, "bad");
        assertThat(watched.latest()).isEqualTo("one+good");
        assertThat(log.lines).hasSize(2);
    }

    @Test
    void anotherBadStateIsToldAgain() throws IOException {
        WatchedFiles<String> watched = watch(a, b);
        Files.writeString(b, "bad");
        watched.latest();
        Files.writeString(a, "bad");
        assertThat(watched.latest()).isEqualTo("one+two");
        assertThat(log.lines).hasSize(2);
    }

    @Test
    void whatCameBackAsItWasIsGood() throws IOException {
        WatchedFiles<String> watched = watch(a);
        Files.writeString(a, "bad");
        watched.latest();
        Files.writeString(a, "one");
        assertThat(watched.latest()).isEqualTo("one");
        Files.writeString(a, "bad");
        watched.latest();
        assertThat(log.lines).hasSize(2);
    }

    @Test
    void aFileThatIsGoneForAWhileChangesNothing() throws IOException {
        WatchedFiles<String> watched = watch(a);
        Files.delete(a);
        assertThat(watched.latest()).isEqualTo("one");
        assertThat(watched.latest()).isEqualTo("one");
        assertThat(log.lines).singleElement().satisfies(l -> assertThat(l).contains("no such file: "));
        Files.writeString(a, "new");
        assertThat(watched.latest()).isEqualTo("new");
    }

    @Test
    void whatBecomesReadableWithoutATraceIsTakenUp() throws IOException {
        WatchedFiles<String> watched = watch(a);
        Path inside = Files.createDirectory(folder.resolve("in")).resolve("x");
        Files.delete(a);
        Files.createDirectory(a);
        Files.setLastModifiedTime(a, LONG_AGO);
        assertThat(watched.latest()).isEqualTo("one");
        Files.delete(a);
        Files.writeString(inside, "new");
        Files.move(inside, a, StandardCopyOption.ATOMIC_MOVE);
        Files.setLastModifiedTime(a, LONG_AGO);
        assertThat(watched.latest()).isEqualTo("new");
    }

    @Test
    void manyThreadsMakeItOnceAndAllSeeTheNewOne() throws Exception {
        int threads = 32;
        AtomicInteger inside = new AtomicInteger();
        WatchedFiles<String> watched = new WatchedFiles<>(
                List.of(a),
                contents -> {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    try {
                        return make(contents);
                    } finally {
                        inside.decrementAndGet();
                    }
                },
                log);
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 20; round++) {
                Files.writeString(a, "round " + round);
                CountDownLatch start = new CountDownLatch(1);
                List<Future<String>> seen = new ArrayList<>();
                Callable<String> look = () -> {
                    start.await();
                    return watched.latest();
                };
                for (int i = 0; i < threads; i++) {
                    seen.add(executor.submit(look));
                }
                start.countDown();
                for (Future<String> each : seen) {
                    assertThat(each.get()).isEqualTo("round " + round);
                }
            }
        }
        assertThat(made).hasValue(21);
    }
}

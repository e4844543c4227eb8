package io.bobbinet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.ProgramSource;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class TourCommandTest {
    @TempDir
    private Path folder;

    @Test
    void everyProgramRunsAndNothingIsLeftBehind() throws Exception {
        try (var tour = CommandProcess.startWithTemporary(folder, "tour", "--backend", "nio")) {
            String out = tour.readAll();
            tour.assertEnds();
            assertThat(out.lines().toList().getLast())
                    .isEqualTo(TourRows.all().size() + " ran, 0 unavailable, 0 failed");
            assertThat(TourRows.all())
                    .allSatisfy(row -> assertThat(out)
                            .contains(row.id() + ": " + row.title())
                            .containsPattern("(?m)^" + row.id() + " .* ok "));
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void listNamesEveryProgram() throws Exception {
        try (var tour = CommandProcess.start("tour", "--list")) {
            assertThat(tour.readAll().lines().map(line -> line.split(" ")[0]))
                    .containsExactlyElementsOf(
                            TourRows.all().stream().map(TourRow::id).toList())
                    .doesNotHaveDuplicates()
                    .contains("000-tcp-client", "001-unix-listener", "002-tcp-server", "003-tcp-client");
            tour.assertEnds();
        }
    }

    @Test
    void showPrintsTheProgram() throws Exception {
        try (var tour = CommandProcess.start("tour", "--show", "002-tcp-server")) {
            assertThat(tour.readAll())
                    .startsWith("package io.bobbinet.examples.tour;")
                    .contains("public final class TcpLineServer {", "listener.forEach(");
            tour.assertEnds();
        }
    }

    static Stream<TourRow> rows() {
        return TourRows.all().stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyProgramFitsOnAScreen(TourRow row) {
        assertThat(ProgramSource.of(row.program()).lines()).hasSizeLessThanOrEqualTo(50);
    }
}

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
        try (var tour = CommandProcess.startWithTemporary(folder, "tour", "--backend", "linux")) {
            String out = tour.readAll();
            assertThat(out).contains(", 0 failed");
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
    void descriptorsArePassedToAnotherProcess() throws Exception {
        try (var tour = CommandProcess.startWithTemporary(folder, "tour")) {
            assertThat(tour.readAll())
                    .contains(", 0 failed")
                    .containsPattern("003-unix-descriptors: .* the server, process (\\d+), passed examplefile,"
                            + " and the client, process (?!\\1,)\\d+, printed \"Test file");
            tour.assertEnds();
        }
    }

    @Test
    void tlsProgramsSayWhatCameOfIt() throws Exception {
        try (var tour = CommandProcess.startWithTemporary(folder, "tour")) {
            assertThat(tour.readAll())
                    .contains(", 0 failed")
                    .containsPattern("002-tls-server: .* the answer was \"Hello, JDK.n\", with TLSv1.3")
                    .containsPattern("002-starttls-client: .* \"STARTTLS\", Received \"ENCRYPTED\"")
                    .containsPattern(
                            "002-tls-ragged-end: .*BrokenResourceException.*, and leniently \"Hello, then the end");
            tour.assertEnds();
        }
    }

    @Test
    void programsOfPacketsSayWhatTheySentAndReceived() throws Exception {
        try (var tour = CommandProcess.startWithTemporary(folder, "tour", "--backend", "linux")) {
            assertThat(tour.readAll())
                    .contains(", 0 failed")
                    .containsPattern("004-connect-timeout: .* Could not connect in time, then Remote address: /")
                    .containsPattern("004-send: .* the server heard \\{\"data\":42}")
                    .containsPattern("004-send-descriptors: .* the server heard Data\\[data=42] and \"Test file\"")
                    .containsPattern("004-receive-malformed: .* something invalid, then Received packet: Data")
                    .containsPattern("004-receive-descriptors: .* Received file: .*, Received credential: ")
                    .containsPattern("004-receive-many-descriptors: .* and 128 files")
                    .containsPattern("004-async-connect-timeout-backend: .* in time, then Remote address: /")
                    .containsPattern("004-async-send-eof: .* packet: Data.*; the server heard .*, then the end")
                    .containsPattern("004-receive-budget: .* Data\\[data=3]], then END_OF_STREAM");
            tour.assertEnds();
        }
    }

    @Test
    void whatABackendCannotDoIsNoFailure() throws Exception {
        try (var tour = CommandProcess.startWithTemporary(folder, "tour", "--backend", "nio")) {
            String out = tour.readAll();
            tour.assertEnds();
            assertThat(out)
                    .containsPattern("(?m)^003-unix-descriptors .* not on this backend ")
                    .containsPattern("(?m)^000-unixgram-server .* not on this backend ")
                    .containsPattern("(?m)^000-udp-server .* ok ")
                    .containsPattern("(?m)^004-receive-descriptors .* not on this backend ")
                    .containsPattern("(?m)^004-receive-budget .* ok ")
                    .contains("The backend nio has no descriptors; the backend linux has")
                    .contains("The backend nio has no UNIX datagram sockets; the backend linux has");
            assertThat(out.lines().toList().getLast())
                    .isEqualTo((TourRows.all().size() - 16) + " ran, 16 unavailable, 0 failed");
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
                    .contains("000-tcp-client", "001-unix-listener", "002-tcp-server", "003-unix-descriptors")
                    .contains("002-tls-server", "002-tls-client", "002-starttls-server", "002-tls-ragged-end")
                    .contains("000-udp-server", "001-udp-client", "002-udp-server", "003-unixgram-client")
                    .contains("004-connect", "004-receive-malformed", "004-credentials", "004-receive-size")
                    .contains("004-async-connect", "004-async-receive-timeout-trio", "004-async-credentials");
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

    @Test
    void showPrintsBothProgramsOfARowThatHasTwo() throws Exception {
        try (var tour = CommandProcess.start("tour", "--show", "003-unix-descriptors")) {
            assertThat(tour.readAll()).contains("class UnixDescriptorServer {", "class UnixDescriptorClient {");
            tour.assertEnds();
        }
    }

    static Stream<Class<?>> programs() {
        return TourRows.all().stream().flatMap(row -> row.programs().stream()).distinct();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void everyProgramFitsOnAScreen(Class<?> program) {
        assertThat(ProgramSource.of(program).lines()).hasSizeLessThanOrEqualTo(50);
    }
}

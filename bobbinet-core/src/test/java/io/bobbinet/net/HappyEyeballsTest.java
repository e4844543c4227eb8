package io.bobbinet.net;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.ScriptedRace.Connection;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Races as scripts of events on virtual time. */
@Timeout(30)
class HappyEyeballsTest {
    private static final Duration DELAY = ofMillis(250);

    private static List<String> interleaved(String... addresses) {
        List<InetSocketAddress> given = Stream.of(addresses)
                .map(a -> new InetSocketAddress(InetAddress.ofLiteral(a), 80))
                .toList();
        return HappyEyeballs.interleave(given).stream()
                .map(a -> AddressText.of(a.getAddress()))
                .toList();
    }

    @Test
    void familiesTakeTurnsIpv6FirstEachInTheOrderOfTheResolver() {
        assertThat(interleaved("::1", "::2", "10.0.0.1", "10.0.0.2"))
                .containsExactly("::1", "10.0.0.1", "::2", "10.0.0.2");
        assertThat(interleaved("10.0.0.1", "10.0.0.2", "::1")).containsExactly("::1", "10.0.0.1", "10.0.0.2");
        assertThat(interleaved("10.0.0.2", "10.0.0.1")).containsExactly("10.0.0.2", "10.0.0.1");
    }

    @Test
    void ipv6IsTriedFirstWhateverTheResolverPrefers() throws Exception {
        var race = new ScriptedRace(DELAY, "10.0.0.1", "::1");
        assertThat(race.nextBegun()).isEqualTo("::1 at 0");
        Connection first = race.succeed("::1");
        assertThat(race.winner()).isSameAs(first);
    }

    @Test
    void theNextAttemptBeginsAfterTheDelayAndTheFirstGoesOn() throws Exception {
        var race = new ScriptedRace(DELAY, "::1", "10.0.0.1", "10.0.0.2");
        assertThat(race.nextBegun()).isEqualTo("::1 at 0");
        race.advance(ofMillis(249));
        assertThat(race.nothingBegun()).isTrue();
        race.advance(ofMillis(1));
        assertThat(race.nextBegun()).isEqualTo("10.0.0.1 at 250");
        race.advance(ofMillis(250));
        assertThat(race.nextBegun()).isEqualTo("10.0.0.2 at 500");
        Connection slow = race.succeed("::1");
        assertThat(race.winner()).isSameAs(slow);
        assertThat(race.wasCancelled("10.0.0.1")).isTrue();
        assertThat(race.wasCancelled("10.0.0.2")).isTrue();
        assertThat(slow.closed).isFalse();
    }

    @Test
    void theNextAttemptBeginsAtOnceWhenOneFails() throws Exception {
        var race = new ScriptedRace(DELAY, "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4");
        for (int i = 1; i <= 3; i++) {
            assertThat(race.nextBegun()).isEqualTo("10.0.0." + i + " at 0");
            race.fail("10.0.0." + i, new ConnectException("refused"));
        }
        assertThat(race.nextBegun()).isEqualTo("10.0.0.4 at 0");
        Connection last = race.succeed("10.0.0.4");
        assertThat(race.winner()).isSameAs(last);
    }

    @Test
    void afterAFailureTheDelayCountsFromTheAttemptThatItBrought() throws Exception {
        var race = new ScriptedRace(DELAY, "10.0.0.1", "10.0.0.2", "10.0.0.3");
        race.nextBegun();
        race.advance(ofMillis(200));
        race.fail("10.0.0.1", new ConnectException("refused"));
        assertThat(race.nextBegun()).isEqualTo("10.0.0.2 at 200");
        race.advance(ofMillis(249));
        assertThat(race.nothingBegun()).isTrue();
        race.advance(ofMillis(1));
        assertThat(race.nextBegun()).isEqualTo("10.0.0.3 at 450");
        race.succeed("10.0.0.3");
        race.winner();
    }

    @Test
    void withoutDelayAllBeginAtOnce() throws Exception {
        var race = new ScriptedRace(Duration.ZERO, "::1", "10.0.0.1", "::2");
        assertThat(List.of(race.nextBegun(), race.nextBegun(), race.nextBegun()))
                .containsExactlyInAnyOrder("::1 at 0", "10.0.0.1 at 0", "::2 at 0");
        race.succeed("::2");
        assertThat(race.winner().address).isEqualTo("::2");
    }

    @Test
    void withAnEndlessDelayAttemptsFollowFailuresOnly() throws Exception {
        var race = new ScriptedRace(Duration.ofSeconds(Long.MAX_VALUE), "::1", "10.0.0.1");
        race.nextBegun();
        race.advance(ofDays(1000));
        assertThat(race.nothingBegun()).isTrue();
        race.fail("::1", new ConnectException("refused"));
        assertThat(race.nextBegun()).startsWith("10.0.0.1 at ");
        race.succeed("10.0.0.1");
        race.winner();
    }

    @Test
    void oneThatConnectsInTheSameInstantIsClosed() throws Exception {
        var race = new ScriptedRace(Duration.ZERO, "::1", "10.0.0.1");
        race.nextBegun();
        race.nextBegun();
        race.makeDeaf("10.0.0.1");
        Connection winner = race.succeed("::1");
        race.awaitCancelled("10.0.0.1");
        Connection late = race.succeed("10.0.0.1");
        assertThat(race.winner()).isSameAs(winner);
        assertThat(late.closed).isTrue();
        assertThat(winner.closed).isFalse();
    }

    @Test
    void theRaceIsOverOnlyWhenTheLosersHaveEnded() throws Exception {
        var race = new ScriptedRace(Duration.ZERO, "::1", "10.0.0.1");
        race.nextBegun();
        race.nextBegun();
        race.makeDeaf("10.0.0.1");
        race.succeed("::1");
        race.awaitCancelled("10.0.0.1");
        assertThat(race.hasEnded()).isFalse();
        race.fail("10.0.0.1", new ConnectException("refused"));
        assertThat(race.winner().address).isEqualTo("::1");
    }

    @Test
    void allFailuresAreListedWithTheirAddressesInTheirOrder() throws Exception {
        var race = new ScriptedRace(Duration.ZERO, "::1", "10.0.0.1");
        race.nextBegun();
        race.nextBegun();
        race.fail("10.0.0.1", new ConnectException("refused"));
        race.fail("::1", new NoRouteToHostException("no route"));
        assertThatThrownBy(race::winner).cause().satisfies(e -> {
            assertThat(e)
                    .isInstanceOf(ConnectionFailedException.class)
                    .hasMessage("Cannot connect to host:80: 2 attempts failed, the first with refused: 10.0.0.1:80");
            assertThat(e.getSuppressed()).hasSize(2);
            assertThat(e.getSuppressed()[0])
                    .isInstanceOf(ConnectException.class)
                    .hasMessage("refused: 10.0.0.1:80");
            assertThat(e.getSuppressed()[1])
                    .isInstanceOf(NoRouteToHostException.class)
                    .hasMessage("no route: [::1]:80");
            assertThat(e.getCause()).isSameAs(e.getSuppressed()[0]);
        });
    }

    @Test
    void whatIsNoIoExceptionEndsTheRaceAsItIs() throws Exception {
        var race = new ScriptedRace(Duration.ZERO, "::1", "10.0.0.1");
        race.nextBegun();
        race.nextBegun();
        race.fail("::1", new IllegalStateException("a mistake"));
        assertThatThrownBy(race::winner)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a mistake");
        assertThat(race.wasCancelled("10.0.0.1")).isTrue();
    }

    @Test
    void cancellingTheCallerCancelsAllAttempts() throws Exception {
        var race = new ScriptedRace(Duration.ZERO, "::1", "10.0.0.1");
        race.nextBegun();
        race.nextBegun();
        race.scope.cancel();
        assertThatThrownBy(race::winner).cause().isInstanceOf(IOException.class).hasMessage("the scope was cancelled");
        assertThat(race.wasCancelled("::1")).isTrue();
        assertThat(race.wasCancelled("10.0.0.1")).isTrue();
    }

    @Test
    void whatConnectsWhileTheCallerIsCancelledIsClosed() throws Exception {
        var race = new ScriptedRace(Duration.ZERO, "::1", "10.0.0.1");
        race.nextBegun();
        race.nextBegun();
        race.makeDeaf("::1");
        race.scope.cancel();
        race.awaitCancelled("::1");
        Connection late = race.succeed("::1");
        assertThatThrownBy(race::winner).cause().hasMessage("the scope was cancelled");
        assertThat(late.closed).isTrue();
    }

    @Test
    void aWinnerThatDoesNotReachTheCancelledCallerIsClosed() throws Exception {
        var race = new ScriptedRace(Duration.ZERO, "::1", "10.0.0.1");
        race.nextBegun();
        race.nextBegun();
        race.makeDeaf("10.0.0.1");
        Connection winner = race.succeed("::1");
        race.awaitCancelled("10.0.0.1");
        race.scope.cancel();
        race.fail("10.0.0.1", new ConnectException("refused"));
        // Whichever of the two the race lets win, nothing may be left open that the caller does not have.
        try {
            assertThat(race.winner()).isSameAs(winner);
            assertThat(winner.closed).isFalse();
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(winner.closed).isTrue();
        }
    }
}

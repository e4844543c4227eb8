package io.bobbinet.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServerNamesTest {
    @Test
    void namesAreTheSameInEitherCase() {
        assertThat(ServerNames.matches("Example.org", "eXample.ORG")).isTrue();
        assertThat(ServerNames.matches("example.org", "example.com")).isFalse();
        assertThat(ServerNames.matches("example.org", "a.example.org")).isFalse();
    }

    @Test
    void aStarStandsForOneWholeLabel_TheFirst() {
        assertThat(ServerNames.matches("*.example.org", "a.example.org")).isTrue();
        assertThat(ServerNames.matches("*.example.org", "example.org")).isFalse();
        assertThat(ServerNames.matches("*.example.org", "a.b.example.org")).isFalse();
        assertThat(ServerNames.matches("*.org", "example.org")).isFalse();
        assertThat(ServerNames.matches("a*.example.org", "ab.example.org")).isFalse();
        assertThat(ServerNames.matches("*", "localhost")).isFalse();
    }
}

package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import org.junit.jupiter.api.Test;

class ScramTest {
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    private final Scram scram = Scram.unbound("user", NONCE);

    /** RFC 7677, section 3. */
    @Test
    void theConversationOfTheStandard() throws ProtocolException {
        assertThat(scram.first()).isEqualTo("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        assertThat(scram.proof(SERVER_FIRST, "pencil"))
                .isEqualTo("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        scram.check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    @Test
    void whoDoesNotKnowThePasswordIsNoServer() throws ProtocolException {
        scram.proof(SERVER_FIRST, "another");
        assertThatThrownBy(() -> scram.check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void nothingIsProvenBeforeThereWasAProof() {
        assertThatThrownBy(() -> scram.check("v=")).isInstanceOf(ProtocolException.class);
    }

    @Test
    void theAnswerToSomebodyElseIsNone() {
        assertThatThrownBy(() -> scram.proof(SERVER_FIRST.replace("r=r", "r=x"), "pencil"))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void aBindingIsPartOfWhatIsProven() throws ProtocolException {
        var bound = Scram.bound("tls-server-end-point", "hash".getBytes(UTF_8), "user", NONCE);
        assertThat(bound.first()).startsWith("p=tls-server-end-point,,n=user,");
        // Base64 of "p=tls-server-end-point,,hash"
        assertThat(bound.proof(SERVER_FIRST, "pencil")).startsWith("c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsaGFzaA==,r=");
    }
}

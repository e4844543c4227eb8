package io.bobbinet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the library says today, without the methods that it advises: each of its messages must have one to be a test. */
@Timeout(60)
class TlsFailuresTest {
    /** What names the library's API, wherever it stands. */
    private static final String API = "Tls[A-Z]|\\b(with|of)[A-Z]\\w+";

    @TempDir
    private Path folder;

    @Test
    void theMethodThatSaysWhomToTrustIsCut() throws Exception {
        SSLException failure = failureOfUntrusted();
        assertThat(failure).hasMessageContaining("withTrust");
        assertThat(TlsFailures.message(failure))
                .startsWith("The TLS handshake with localhost")
                .contains(" failed: ")
                .doesNotContainPattern(API);
        assertThat(TlsFailures.ofServer(failure)).contains("of no authority that is trusted; --ca FILE");
    }

    private SSLException failureOfUntrusted() throws Exception {
        DevelopmentPair pair = DevelopmentPair.make(folder.resolve("pair"), "localhost");
        TlsOptions ours = TlsOptions.defaults().withIdentity(TlsIdentity.ofPem(pair.certificate(), pair.key()));
        return TaskGroup.call(group -> {
            try (Listener<TlsStream> listener = Tls.listen("127.0.0.1", 0, ours)) {
                var quiet = ServeOptions.defaults().withFailureReporter((connection, failure) -> {});
                group.fork(() -> listener.serve(connection -> {}, quiet));
                int port = listener.find(SocketAttributes.LOCAL_ADDRESS)
                        .map(InetSocketAddress.class::cast)
                        .orElseThrow()
                        .getPort();
                var connector = Tls.connector(
                        Tcp.connector("127.0.0.1", port), TlsOptions.defaults().withServerName("localhost"));
                SSLException failure = catchThrowableOfType(
                        SSLException.class, () -> connector.connect().close());
                group.cancel();
                return failure;
            }
        });
    }

    @Test
    void theMethodThatNamesAnotherServerIsCut() {
        var failure = catchThrowableOfType(
                IllegalArgumentException.class,
                () -> Tls.connector(Tcp.connector("a_b..example", 1), TlsOptions.defaults()));
        assertThat(failure).hasMessageContaining("withServerName");
        assertThat(TlsFailures.withoutHint("" + failure.getMessage())).doesNotContainPattern(API);
    }

    @Test
    void theMethodThatTakesAPasswordIsTheOptionThatDoes() throws Exception {
        DevelopmentPair pair = DevelopmentPair.make(folder.resolve("pair"), "localhost");
        String algorithm = "PBEWithSHA1AndDESede";
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec("sesame".toCharArray())));
        byte[] encrypted =
                new EncryptedPrivateKeyInfo(cipher.getParameters(), cipher.doFinal(new byte[64])).getEncoded();
        Path key =
                Files.writeString(folder.resolve("encrypted.pem"), CertCommand.pem("ENCRYPTED PRIVATE KEY", encrypted));
        var failure = catchThrowableOfType(SSLException.class, () -> TlsIdentity.ofPem(pair.certificate(), key));
        assertThat(failure).hasMessageContaining("password");
        assertThat(TlsFailures.message(failure))
                .contains(key.toString(), "is encrypted; --key-password-file FILE has its password")
                .doesNotContainPattern("ofPem|withPassword");
    }

    @Test
    void everyOtherSentenceStays() {
        String message = "The TLS handshake with a failed: one thing; of all others with none";
        assertThat(TlsFailures.withoutHint(message)).isEqualTo(message);
        assertThat(TlsFailures.withoutHint("no; TlsOptions.withAlpn says more")).isEqualTo("no");
        assertThat(TlsFailures.withoutHint("no; withServerName names another")).isEqualTo("no");
    }
}

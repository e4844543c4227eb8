package io.bobbinet.tls;

import java.security.spec.InvalidKeySpecException;
import java.util.Optional;

/** An encrypted private key. */
sealed interface KeyEncryption permits Pkcs8Encryption, TraditionalEncryption {
    /** What was encrypted, or nothing if the password is wrong; a wrong one may also give nonsense. */
    Optional<byte[]> decrypt(char[] password) throws InvalidKeySpecException;

    /** Whether what was encrypted is what the label says, and not PKCS#8. */
    boolean isTraditional();
}

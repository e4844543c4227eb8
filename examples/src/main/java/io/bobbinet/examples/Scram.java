package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.ProtocolException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The client's side of SCRAM-SHA-256 (RFC 5802 and RFC 7677): both sides prove that they know the password, and neither tells it.
 * With a channel binding they prove it for this very TLS connection: somebody in the middle cannot pass the proofs on.
 */
final class Scram {
    private static final String SHA_256 = "HmacSHA256";

    private final byte[] binding;
    private final String bareFirst;
    private final String header;

    /** What the server must answer at the end. */
    private byte[] serverSignature = {};

    private Scram(String header, byte[] binding, String user, String nonce) {
        this.header = header;
        this.binding = binding;
        this.bareFirst = "n=" + user + ",r=" + nonce;
    }

    /** With a channel binding of RFC 5929 or RFC 9266, {@code "tls-server-end-point"} for instance. */
    static Scram bound(String type, byte[] binding, String user, String nonce) {
        return new Scram("p=" + type + ",,", binding, user, nonce);
    }

    static Scram unbound(String user, String nonce) {
        return new Scram("n,,", new byte[0], user, nonce);
    }

    String first() {
        return header + bareFirst;
    }

    /** {@return the proof, for what the server has answered to the first message: its nonce, a salt, a count} */
    String proof(String serverFirst, String password) throws ProtocolException {
        String nonce = field(serverFirst, 0, "r=");
        if (!nonce.startsWith(bareFirst.substring(bareFirst.indexOf(",r=") + 3))) {
            throw new ProtocolException("The server answers somebody else");
        }
        byte[] salt = Base64.getDecoder().decode(field(serverFirst, 1, "s="));
        int iterations = Integer.parseInt(field(serverFirst, 2, "i="));
        String withoutProof = "c=" + base64(concat(header.getBytes(UTF_8), binding)) + ",r=" + nonce;
        String signed = bareFirst + "," + serverFirst + "," + withoutProof;
        try {
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2With" + SHA_256)
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, 256))
                    .getEncoded();
            byte[] clientKey = hmac(salted, "Client Key");
            byte[] proof = hmac(MessageDigest.getInstance("SHA-256").digest(clientKey), signed);
            for (int i = 0; i < proof.length; i++) {
                proof[i] ^= clientKey[i];
            }
            serverSignature = hmac(hmac(salted, "Server Key"), signed);
            return withoutProof + ",p=" + base64(proof);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    /** Whoever answers this knows the password, too. */
    void check(String serverFinal) throws ProtocolException {
        byte[] signature = Base64.getDecoder().decode(field(serverFinal, 0, "v="));
        if (serverSignature.length == 0 || !MessageDigest.isEqual(serverSignature, signature)) {
            throw new ProtocolException("The server does not know the password");
        }
    }

    private static String field(String message, int index, String name) throws ProtocolException {
        String[] fields = message.split(",");
        if (index >= fields.length || !fields[index].startsWith(name)) {
            throw new ProtocolException("The server's message has no " + name + ": " + message);
        }
        return fields[index].substring(name.length());
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(SHA_256);
        mac.init(new SecretKeySpec(key, SHA_256));
        return mac.doFinal(text.getBytes(UTF_8));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] all = new byte[a.length + b.length];
        System.arraycopy(a, 0, all, 0, a.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }
}

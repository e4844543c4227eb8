package io.bobbinet.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A server's keys, by the name that the client asks for (RFC 6066, section 3): the exact name first, then the one with a
 * star for its first label, then the one that is for all. Where a name has keys of its own, no others are tried. As a client
 * it has the ones for all, if any.
 */
final class NamedKeys extends X509ExtendedKeyManager {
    private static final char SEPARATOR = '/';

    /** By number, which its aliases begin with. */
    private final List<X509ExtendedKeyManager> keys = new ArrayList<>();

    private final Map<String, Integer> numbers = new HashMap<>();
    private final Optional<Integer> forAll;

    /**
     * Looks up by name.
     *
     * @param byName the identities by name, {@code example.org} or {@code *.example.org}
     * @param forAll the one for clients that ask for another name, or for none
     */
    NamedKeys(Map<String, TlsIdentity> byName, Optional<TlsIdentity> forAll) {
        byName.forEach((name, identity) -> numbers.put(normal(name), add(identity)));
        this.forAll = forAll.map(this::add);
    }

    private int add(TlsIdentity identity) {
        int known = keys.indexOf(identity.keyManager());
        if (known >= 0) {
            return known;
        }
        keys.add(identity.keyManager());
        return keys.size() - 1;
    }

    /** Names are the same in either case, and with or without the dot of the root (RFC 4343). */
    private static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private Optional<Integer> numberFor(@Nullable SSLSession handshake) {
        try {
            if (handshake instanceof ExtendedSSLSession session) {
                for (SNIServerName requested : session.getRequestedServerNames()) {
                    if (requested instanceof SNIHostName host) {
                        return numberFor(normal(host.getAsciiName()));
                    }
                }
            }
        } catch (UnsupportedOperationException e) {
            // A provider that does not tell.
        }
        return forAll;
    }

    private Optional<Integer> numberFor(String name) {
        Integer number = numbers.get(name);
        int dot = name.indexOf('.');
        if (number == null && dot > 0) {
            number = numbers.get("*" + name.substring(dot));
        }
        return number == null ? forAll : Optional.of(number);
    }

    private @Nullable String alias(
            Optional<Integer> number, Function<X509ExtendedKeyManager, @Nullable String> choice) {
        if (number.isEmpty()) {
            return null;
        }
        String inner = choice.apply(keys.get(number.get()));
        return inner == null ? null : number.get() + "" + SEPARATOR + inner;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        SSLSession handshake = engine == null ? null : engine.getHandshakeSession();
        return alias(numberFor(handshake), k -> k.chooseEngineServerAlias(keyType, issuers, engine));
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        SSLSession handshake = socket instanceof SSLSocket secure ? secure.getHandshakeSession() : null;
        return alias(numberFor(handshake), k -> k.chooseServerAlias(keyType, issuers, socket));
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return alias(forAll, k -> k.chooseEngineClientAlias(keyTypes, issuers, engine));
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(forAll, k -> k.chooseClientAlias(keyTypes, issuers, socket));
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(k -> k.getServerAliases(keyType, issuers));
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(k -> k.getClientAliases(keyType, issuers));
    }

    private String @Nullable [] aliases(Function<X509ExtendedKeyManager, String @Nullable []> of) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            String prefix = i + "" + SEPARATOR;
            String[] inner = of.apply(keys.get(i));
            if (inner != null) {
                Stream.of(inner).map(prefix::concat).forEach(all::add);
            }
        }
        return all.isEmpty() ? null : all.toArray(String[]::new);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return keysOf(alias).getCertificateChain(inner(alias));
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return keysOf(alias).getPrivateKey(inner(alias));
    }

    private X509ExtendedKeyManager keysOf(String alias) {
        return keys.get(Integer.parseInt(alias.substring(0, alias.indexOf(SEPARATOR))));
    }

    private static String inner(String alias) {
        return alias.substring(alias.indexOf(SEPARATOR) + 1);
    }
}

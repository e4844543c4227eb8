package io.bobbinet.tls;

import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Who we are and whom we trust, as one {@link SSLContext}, made at first use. Shared by all options that differ in other things
 * alone, since sessions are resumed within a context.
 */
final class TlsContext {
    static final TlsContext DEFAULT = new TlsContext(null, Map.of(), null, null);

    private final @Nullable TlsIdentity identity;
    private final Map<String, TlsIdentity> named;
    private final @Nullable TlsTrust trust;
    private final @Nullable SSLContext given;

    /** Guarded by this. */
    private @Nullable SSLContext made;

    /** What was trusted when it was made: sessions must not outlive trust. Guarded by this. */
    private @Nullable Object madeFor;

    private TlsContext(
            @Nullable TlsIdentity identity,
            Map<String, TlsIdentity> named,
            @Nullable TlsTrust trust,
            @Nullable SSLContext given) {
        this.identity = identity;
        this.named = named;
        this.trust = trust;
        this.given = given;
    }

    TlsContext with(TlsIdentity changed) {
        refuseBoth();
        return new TlsContext(changed, named, trust, null);
    }

    TlsContext with(String serverName, TlsIdentity changed) {
        refuseBoth();
        Map<String, TlsIdentity> names = new LinkedHashMap<>(named);
        names.put(serverName, changed);
        return new TlsContext(identity, Map.copyOf(names), trust, null);
    }

    TlsContext with(TlsTrust changed) {
        refuseBoth();
        return new TlsContext(identity, named, changed, null);
    }

    TlsContext with(SSLContext context) {
        if (identity != null || !named.isEmpty() || trust != null) {
            throw new IllegalArgumentException(
                    "An SSLContext has its own keys and trust: give either it or identity and trust");
        }
        return new TlsContext(null, Map.of(), null, context);
    }

    /** The same with sessions of its own. */
    TlsContext apart() {
        return new TlsContext(identity, named, trust, given);
    }

    /** Whether the engines are the JDK's. */
    boolean isOfJdk() {
        return KeyStores.JSSE.equals(sslContext().getProvider().getName());
    }

    private void refuseBoth() {
        if (given != null) {
            throw new IllegalArgumentException(
                    "An SSLContext has its own keys and trust: give either it or identity and trust");
        }
    }

    boolean canServe() {
        return given != null || identity != null || !named.isEmpty();
    }

    boolean canJudgeClients() {
        return given != null || trust != null;
    }

    synchronized SSLContext sslContext() {
        if (given != null) {
            return given;
        }
        Object trusted = trust == null ? this : trust.generation();
        SSLContext context = made;
        if (context == null || madeFor != trusted) {
            context = make();
            made = context;
            madeFor = trusted;
        }
        return context;
    }

    private SSLContext make() {
        KeyManager[] keys = canServe() ? new KeyManager[] {keys()} : null;
        TlsTrust trusted = trust == null ? TlsTrust.platform() : trust;
        try {
            SSLContext context = KeyStores.sslContext();
            context.init(keys, new TrustManager[] {trusted.trustManager()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM cannot make a context for TLS: " + e.getMessage(), e);
        }
    }

    private KeyManager keys() {
        return identity != null && named.isEmpty()
                ? identity.keyManager()
                : new NamedKeys(named, Optional.ofNullable(identity));
    }
}

package io.bobbinet.backend.nio;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.BackendProvider;

/** Finds the backend of the JDK's channels, which runs everywhere. */
public final class NioBackendProvider implements BackendProvider {

    /** For {@link java.util.ServiceLoader}. */
    public NioBackendProvider() {}

    @Override
    public String name() {
        return "nio";
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public String obstacle() {
        return "";
    }

    @Override
    public Backend open() {
        return new NioBackend();
    }
}

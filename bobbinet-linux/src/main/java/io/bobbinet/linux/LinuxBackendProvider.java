package io.bobbinet.linux;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.BackendProvider;
import java.lang.foreign.Linker;

/** Finds the backend of Linux's own system calls, which needs native access. */
public final class LinuxBackendProvider implements BackendProvider {

    /** For {@link java.util.ServiceLoader}. */
    public LinuxBackendProvider() {}

    @Override
    public String name() {
        return "linux";
    }

    @Override
    public int rank() {
        return 100;
    }

    @Override
    public String obstacle() {
        String system = System.getProperty("os.name", "");
        String processor = System.getProperty("os.arch", "");
        Module module = LinuxBackendProvider.class.getModule();
        if (!system.equals("Linux")) {
            return "this is not Linux but " + system;
        }
        if (!Abi.isKnown(processor)) {
            return "the processor is " + processor + "; known are amd64 and aarch64";
        }
        if (!module.isNativeAccessEnabled()) {
            return "native access is not granted: start java with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
        }
        if (Linker.nativeLinker().defaultLookup().find("statx").isEmpty()) {
            return "libc is too old, it has no statx: musl has it since 1.2.5, glibc since 2.28";
        }
        return "";
    }

    @Override
    public Backend open() {
        return new LinuxBackend();
    }
}

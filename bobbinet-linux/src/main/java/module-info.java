/**
 * Bobbinet's native backend for Linux: epoll and the socket calls of libc through the Foreign Function and Memory API.
 *
 * <p>It exports nothing. It is found by {@link java.util.ServiceLoader} and used if the JVM grants native access:
 * {@code --enable-native-access=io.bobbinet.linux}, or {@code ALL-UNNAMED} on the class path.
 */
module io.bobbinet.linux {
    requires io.bobbinet;
    requires static jdk.net;
    requires static org.jspecify;

    provides io.bobbinet.spi.BackendProvider with
            io.bobbinet.linux.LinuxBackendProvider;
}

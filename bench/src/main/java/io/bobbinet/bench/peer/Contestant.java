package io.bobbinet.bench.peer;

import java.util.ArrayList;
import java.util.List;

/**
 * A server that can be measured.
 *
 * @param name what it is called in the table
 * @param meaning what that is
 * @param mainClass its class, on the class path of the benchmarks
 * @param options what its JVM gets beside what all get
 */
record Contestant(String name, String meaning, Class<?> mainClass, List<String> options) {
    /** What the others are divided by. */
    static final Contestant REFERENCE = new Contestant(
            "channel", "the JDK's blocking SocketChannel on virtual threads", ChannelEcho.class, List.of());

    private static final List<Contestant> ALL = List.of(
            REFERENCE,
            new Contestant(
                    "nio", "Bobbinet on its nio backend", BobbinetEcho.class, List.of("-Dio.bobbinet.backend=nio")),
            new Contestant(
                    "linux",
                    "Bobbinet on its linux backend, with native access alone",
                    BobbinetEcho.class,
                    List.of("-Dio.bobbinet.backend=linux", "--enable-native-access=ALL-UNNAMED")));

    static List<Contestant> all() {
        return ALL;
    }

    static Contestant named(String name) {
        return ALL.stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no server is named " + name));
    }

    /** The same server with further options for its JVM; a class path among them makes it another build. */
    Contestant with(String newName, List<String> further) {
        List<String> joined = new ArrayList<>(options);
        joined.addAll(further);
        return new Contestant(newName, name + " with " + String.join(" ", further), mainClass, joined);
    }
}

package io.bobbinet.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * The open descriptors of this process, as {@code /proc/self/fd} shows them; none where there is no such folder.
 *
 * <p>A descriptor is its number together with what it stands for. Sockets and pipes carry a number that the kernel does
 * not use again for long, so a descriptor that was closed and opened again counts as new.
 */
public final class Descriptors {
    private static final Path FOLDER = Path.of("/proc/self/fd");

    /**
     * Selectors and wake-up descriptors come and go with pollers, ours and the JDK's, that start when first needed and
     * stay. They are not counted for each class; so many in all is a leak all the same.
     */
    private static final int MOST_POLLERS = 64 + 8 * Runtime.getRuntime().availableProcessors();

    private final TreeMap<Integer, String> open;

    private Descriptors(TreeMap<Integer, String> open) {
        this.open = open;
    }

    /** {@return what is open now} */
    public static Descriptors now() {
        TreeMap<Integer, String> open = new TreeMap<>();
        if (Files.isDirectory(FOLDER)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(FOLDER)) {
                for (Path entry : entries) {
                    String target = target(entry);
                    if (!target.isEmpty()) {
                        open.put(Integer.parseInt(entry.getFileName().toString()), target);
                    }
                }
            } catch (IOException e) {
                throw new IllegalStateException("Cannot read " + FOLDER, e);
            }
        }
        return new Descriptors(open);
    }

    private static String target(Path entry) throws IOException {
        try {
            return Files.readSymbolicLink(entry).toString();
        } catch (NoSuchFileException e) {
            return ""; // closed since it was listed
        }
    }

    /**
     * {@return what is open here and was not before, each with what is known about it; without what the JVM opens for
     * itself}
     *
     * @param before an earlier look
     */
    public List<String> openedSince(Descriptors before) {
        List<String> opened = new ArrayList<>();
        int pollers = 0;
        for (var entry : open.entrySet()) {
            String target = entry.getValue();
            if (target.startsWith("anon_inode:")) {
                pollers++;
            } else if (!target.equals(before.open.get(entry.getKey())) && !belongsToJvm(target)) {
                opened.add("descriptor " + entry.getKey() + ": " + target + about(target));
            }
        }
        if (pollers > MOST_POLLERS) {
            opened.add(pollers + " selectors and the like, more than " + MOST_POLLERS + ": "
                    + new HashSet<>(open.values())
                            .stream().filter(t -> t.startsWith("anon_inode:")).toList());
        }
        return opened;
    }

    /** Jars are opened with the first class from each and stay open; files of /proc are read in passing. */
    private static boolean belongsToJvm(String target) {
        return target.endsWith(".jar")
                || target.startsWith("/proc/")
                || target.startsWith("/sys/")
                || target.startsWith(System.getProperty("java.home"))
                || Set.of("/dev/null", "/dev/random", "/dev/urandom").contains(target);
    }

    /** What the kernel's tables say about a socket. */
    private static String about(String target) {
        if (target.startsWith("socket:[")) {
            String inode = target.substring("socket:[".length(), target.length() - 1);
            for (String table : List.of("tcp", "tcp6", "udp", "udp6", "unix")) {
                for (String line : table(table)) {
                    List<String> columns = List.of(line.trim().split("\\s+"));
                    if (columns.contains(inode)) {
                        return " (" + table + " " + endpoints(table, columns, inode) + ")";
                    }
                }
            }
            return " (neither bound nor connected)";
        }
        return "";
    }

    /** See proc_net_tcp of the kernel's documentation: hexadecimal addresses and ports in columns 2 and 3. */
    private static String endpoints(String table, List<String> columns, String inode) {
        if (table.equals("unix")) {
            String path = columns.getLast();
            return path.equals(inode) ? "without a name" : path;
        }
        return "local port " + port(columns.get(1)) + ", remote port " + port(columns.get(2));
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }

    private static List<String> table(String name) {
        Path table = Path.of("/proc/self/net", name);
        try {
            // Names of UNIX sockets may be any bytes.
            return Files.readAllLines(table, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }
}

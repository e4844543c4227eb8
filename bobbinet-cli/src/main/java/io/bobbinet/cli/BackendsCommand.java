package io.bobbinet.cli;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Backends;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code bobbinet backends}. */
@Command(name = "backends", description = "Lists the backends: which is chosen and why, and what each can do.")
final class BackendsCommand implements Runnable {
    private final PrintStream out = System.out;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
    private Main main;

    @Override
    public void run() {
        String current = Backends.current().name();
        for (Backends.Candidate candidate : Backends.candidates()) {
            out.println(candidate.name());
            if (!candidate.isSupported()) {
                out.println("  cannot run here: " + candidate.obstacle());
                continue;
            }
            out.println("  "
                    + (candidate.name().equals(current)
                            ? "chosen: " + why()
                            : "can run here: --backend " + candidate.name() + " chooses it"));
            Backend backend = Backends.named(candidate.name());
            out.println("  tasks:  " + backend.threading());
            out.println("  can:    " + list(backend.capabilities()::contains));
            out.println(
                    "  cannot: " + list(capability -> !backend.capabilities().contains(capability)));
        }
        out.flush();
    }

    private String why() {
        if (main.namesBackend()) {
            return "--backend names it";
        }
        return System.getProperty("io.bobbinet.backend", "").isEmpty()
                ? "the best one that can run here"
                : "the property io.bobbinet.backend names it";
    }

    private static String list(Predicate<Capability> wanted) {
        String list = Arrays.stream(Capability.values())
                .filter(wanted)
                .map(BackendsCommand::words)
                .collect(Collectors.joining("; "));
        return list.isEmpty() ? "-" : list;
    }

    private static String words(Capability capability) {
        return switch (capability) {
            case TCP -> "TCP";
            case UNIX_STREAM -> "UNIX streams";
            case UDP -> "UDP";
            case UNIX_DATAGRAM -> "UNIX datagrams";
            case DESTINATION_ADDRESS -> "local destination address of datagrams";
            case UNIX_ABSTRACT -> "abstract UNIX names";
            case CHANNEL_ADOPTION -> "adoption of JDK channels";
            case PEER_NAMES -> "peer user and group names";
            case PEER_CREDENTIALS -> "peer credentials (pid, uid, gid)";
            case DESCRIPTORS -> "passing, adopting and awaiting descriptors";
            case RAW_OPTIONS -> "socket options by level and number (TCP_INFO)";
            case IPV6_ONLY -> "IPv6-only sockets";
        };
    }
}

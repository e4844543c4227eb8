package io.bobbinet.bench.peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** What the user asked for. */
final class Options {
    static final String USAGE = """
        usage: bench/run [OPTION...]
          --quick             shorter rounds; ends within three minutes
          --servers A,B,...   which to measure beside the reference (default: all)
          --connections N,... how many connections at once (default: 50,1000)
          --rounds N          how many rounds (default: 21; with --quick 15)
          --seconds S         how long each server is measured in a round (default: 2; with --quick 0.8)
          --also 'NAME=SERVER JVM-OPTION...'
                              one more: SERVER with more options for its JVM; with -cp JAR another build of it
          --no-idle           do not measure what idle connections cost
          --tls [OPTION...]   measures one TLS connection instead; ends within three minutes; takes --servers,
                              --rounds (default: 11), --seconds (default: 0.6), --also and
            --work W,...      which of bulk, small, echo to do (default: all)
          --udp [OPTION...]   measures datagrams on loopback instead; ends within fifteen minutes; takes --servers, --rounds
                              (default: 15), --seconds (default: 0.6), --also and
            --work W,...      which of single, connected, echo, segmented, uncoalesced, plain, unsegmented,
                              unsegmented_connected to do
                              (default: all)
            --sizes N,...     how many bytes a datagram has (default: 64,1200)
          --packets [OPTION...]
                              measures servers that echo JSON lines of 1 KiB over UNIX sockets instead; ends within three
                              minutes; takes --servers, --rounds (default: 15), --seconds (default: 0.8), --also
          --tls-idle [N]      measures the heap that N idle TLS connections take instead (default: 2000)
          --jmh [ARGUMENT...] runs the micro-benchmarks instead, with arguments for JMH
        """;

    /** What is measured. */
    enum Load {
        ECHO,
        TLS,
        UDP,
        PACKETS
    }

    private final Load load;
    private final List<Contestant> field;
    private List<Contestant> contestants;
    private List<TlsWork> works = List.of(TlsWork.values());
    private List<UdpWork> udpWorks = List.of(UdpWork.values());
    private List<Integer> sizes = List.of(64, 1200);
    private final List<Contestant> further = new ArrayList<>();
    private List<Integer> connections = List.of(50, 1000);
    private int rounds;
    private double seconds;
    private boolean quick;
    private boolean idle = true;

    private Options(Load load) {
        this.load = load;
        this.field = switch (load) {
            case ECHO -> Contestant.all();
            case TLS -> Contestant.tls();
            case UDP -> Contestant.udp();
            case PACKETS -> Contestant.packets();
        };
        this.contestants = field;
    }

    private static Load load(String[] arguments) {
        return switch (arguments.length > 0 ? arguments[0] : "") {
            case "--tls" -> Load.TLS;
            case "--udp" -> Load.UDP;
            case "--packets" -> Load.PACKETS;
            default -> Load.ECHO;
        };
    }

    static Options parse(String[] arguments) {
        Options options = new Options(load(arguments));
        Iterator<String> rest = Arrays.asList(arguments)
                .subList(options.load == Load.ECHO ? 0 : 1, arguments.length)
                .iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--quick" -> options.quick = true;
                case "--work" -> options.chooseWorks(value(option, rest));
                case "--sizes" -> options.sizes = sizes(value(option, rest));
                case "--no-idle" -> options.idle = false;
                case "--servers" -> options.contestants = options.chosen(value(option, rest));
                case "--connections" -> options.connections = positive(value(option, rest));
                case "--rounds" ->
                    options.rounds = positive(value(option, rest)).getFirst();
                case "--seconds" -> options.seconds = Double.parseDouble(value(option, rest));
                case "--also" -> options.further.add(options.variant(value(option, rest)));
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }
        return options;
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return rest.next();
    }

    private List<Contestant> chosen(String names) {
        List<Contestant> chosen = new ArrayList<>();
        if (load == Load.ECHO) {
            chosen.add(Contestant.REFERENCE);
        }
        Arrays.stream(names.split(","))
                .map(name -> Contestant.named(name, field))
                .filter(c -> !chosen.contains(c))
                .forEach(chosen::add);
        return chosen;
    }

    private static List<Integer> positive(String numbers) {
        List<Integer> parsed =
                Arrays.stream(numbers.split(",")).map(Integer::valueOf).toList();
        if (parsed.stream().anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException("not positive: " + numbers);
        }
        return parsed;
    }

    private void chooseWorks(String names) {
        List<String> chosen = List.of(names.toUpperCase(Locale.ROOT).split(","));
        if (load == Load.UDP) {
            udpWorks = chosen.stream().map(UdpWork::valueOf).toList();
        } else {
            works = chosen.stream().map(TlsWork::valueOf).toList();
        }
    }

    private static List<Integer> sizes(String numbers) {
        List<Integer> sizes = positive(numbers);
        if (sizes.stream().anyMatch(n -> n < UdpWork.BATCH / 2 || n > 1400)) {
            throw new IllegalArgumentException("a datagram has " + UdpWork.BATCH / 2 + " to 1400 bytes here");
        }
        return sizes;
    }

    private Contestant variant(String text) {
        int equals = text.indexOf('=');
        String[] words = text.substring(equals + 1).strip().split("\\s+");
        if (equals < 1) {
            throw new IllegalArgumentException("--also needs NAME=SERVER JVM-OPTION..., not " + text);
        }
        return Contestant.named(words[0], field)
                .with(text.substring(0, equals), Arrays.asList(words).subList(1, words.length));
    }

    List<Contestant> contestants() {
        List<Contestant> all = new ArrayList<>(contestants);
        all.addAll(further);
        return all;
    }

    Load load() {
        return load;
    }

    /** What is done over the TLS connections, one after the other. */
    List<TlsWork> works() {
        return works;
    }

    /** What is done with datagrams, one after the other. */
    List<UdpWork> udpWorks() {
        return udpWorks;
    }

    /** How long the datagrams are. */
    List<Integer> sizes() {
        return sizes;
    }

    List<Integer> connections() {
        return connections;
    }

    int rounds() {
        return rounds > 0 ? rounds : usual(21, 15, 11, 15, 15);
    }

    /** How long each server is measured in a round. */
    Duration measured() {
        return Duration.ofMillis(seconds > 0 ? (long) (1000 * seconds) : usual(2000, 800, 600, 600, 800));
    }

    /** How long a load runs before it counts, so that the change of servers does not. */
    Duration settling() {
        return Duration.ofMillis(usual(250, 150, 150, 150, 150));
    }

    /** How long each server is driven before the first round, until it is compiled. */
    Duration warmUp() {
        return Duration.ofSeconds(usual(10, 5, 3, 3, 8));
    }

    private int usual(int echo, int quickEcho, int tls, int udp, int packets) {
        return switch (load) {
            case ECHO -> quick ? quickEcho : echo;
            case TLS -> tls;
            case UDP -> udp;
            case PACKETS -> packets;
        };
    }

    boolean measuresIdle() {
        return idle;
    }

    Duration idleTime() {
        return Duration.ofSeconds(quick ? 5 : 10);
    }
}

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
          --tls-idle [N]      measures the heap that N idle TLS connections take instead (default: 2000)
          --jmh [ARGUMENT...] runs the micro-benchmarks instead, with arguments for JMH
        """;

    private final boolean tls;
    private final List<Contestant> field;
    private List<Contestant> contestants;
    private List<TlsWork> works = List.of(TlsWork.values());
    private final List<Contestant> further = new ArrayList<>();
    private List<Integer> connections = List.of(50, 1000);
    private int rounds;
    private double seconds;
    private boolean quick;
    private boolean idle = true;

    private Options(boolean tls) {
        this.tls = tls;
        this.field = tls ? Contestant.tls() : Contestant.all();
        this.contestants = field;
    }

    static Options parse(String[] arguments) {
        boolean tls = arguments.length > 0 && arguments[0].equals("--tls");
        Options options = new Options(tls);
        Iterator<String> rest =
                Arrays.asList(arguments).subList(tls ? 1 : 0, arguments.length).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--quick" -> options.quick = true;
                case "--work" -> options.works = works(value(option, rest));
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
        if (!tls) {
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

    private static List<TlsWork> works(String names) {
        return Arrays.stream(names.split(","))
                .map(name -> TlsWork.valueOf(name.toUpperCase(Locale.ROOT)))
                .toList();
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

    /** {@return whether TLS connections are measured, and not echo servers} */
    boolean measuresTls() {
        return tls;
    }

    /** What is done over the TLS connections, one after the other. */
    List<TlsWork> works() {
        return works;
    }

    List<Integer> connections() {
        return connections;
    }

    int rounds() {
        return rounds > 0 ? rounds : tls ? 11 : quick ? 15 : 21;
    }

    /** How long each server is measured in a round. */
    Duration measured() {
        return Duration.ofMillis((long) (1000 * (seconds > 0 ? seconds : tls ? 0.6 : quick ? 0.8 : 2)));
    }

    /** How long a load runs before it counts, so that the change of servers does not. */
    Duration settling() {
        return Duration.ofMillis(quick || tls ? 150 : 250);
    }

    /** How long each server is driven before the first round, until it is compiled. */
    Duration warmUp() {
        return Duration.ofSeconds(tls ? 3 : quick ? 5 : 10);
    }

    boolean measuresIdle() {
        return idle;
    }

    Duration idleTime() {
        return Duration.ofSeconds(quick ? 5 : 10);
    }
}

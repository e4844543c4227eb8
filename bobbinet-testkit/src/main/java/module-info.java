/** What users of Bobbinet and writers of streams and backends test with. Needs no test framework. */
module io.bobbinet.testkit {
    requires transitive io.bobbinet;
    requires jdk.management; // how much memory a thread has used
    requires static org.jspecify;

    exports io.bobbinet.testkit;
}

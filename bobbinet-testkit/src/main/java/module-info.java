/** Contracts, hostile wrappers and virtual time for tests of streams and backends. */
module io.bobbinet.testkit {
    requires transitive io.bobbinet;
    requires static org.jspecify;
}

/** Every program and snippet that the documentation shows. */
module io.bobbinet.examples {
    // Types of the library are in what the programs take and give.
    requires transitive io.bobbinet;
    requires transitive io.bobbinet.jackson;
    requires static org.jspecify;

    exports io.bobbinet.examples;
    exports io.bobbinet.examples.packets;
    exports io.bobbinet.examples.tour;

    // Jackson makes packets of what comes.
    opens io.bobbinet.examples to
            tools.jackson.databind;
}

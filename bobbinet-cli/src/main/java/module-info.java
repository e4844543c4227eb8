/** The bobbinet command. */
module io.bobbinet.cli {
    requires info.picocli;
    requires io.bobbinet;
    requires io.bobbinet.examples;
    requires io.bobbinet.jackson;
    requires java.management;
    requires static org.jspecify;

    // picocli fills the annotated fields by reflection.
    opens io.bobbinet.cli to
            info.picocli;
}

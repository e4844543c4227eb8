/** JSON and CBOR packets, on Jackson. */
module io.bobbinet.jackson {
    requires transitive io.bobbinet;
    requires transitive tools.jackson.databind;
    requires transitive tools.jackson.dataformat.cbor;
    requires static org.jspecify;

    exports io.bobbinet.jackson;
}

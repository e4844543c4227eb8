/** Every program and snippet that the documentation shows. */
module io.bobbinet.examples {
    requires io.bobbinet;
    requires static org.jspecify;
}

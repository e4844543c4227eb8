/** The behaviour tests, seen from a module that uses the library. */
open module io.bobbinet.tests {
    requires io.bobbinet;
    requires io.bobbinet.testkit;
    requires static org.jspecify;
}

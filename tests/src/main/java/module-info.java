/** The behaviour tests, seen from a module that uses the library. */
open module io.bobbinet.tests {
    requires io.bobbinet;
    requires io.bobbinet.jackson;
    requires io.bobbinet.testkit;
    requires static org.jspecify;

    // What the library logs.
    requires java.logging;
    // For io.bobbinet.testing, see there.
    requires jdk.management;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.junit.jupiter.api;

    provides org.junit.jupiter.api.extension.Extension with
            io.bobbinet.testing.LeakCheck;
}

/** Contracts, hostile wrappers and virtual time for tests of streams and backends. */
@NullMarked
package io.bobbinet.testkit;

import org.jspecify.annotations.NullMarked;

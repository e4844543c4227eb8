/** Benchmarks of single calls, with JMH: {@code bench/run --jmh}. */
@NullMarked
package io.bobbinet.bench.micro;

import org.jspecify.annotations.NullMarked;

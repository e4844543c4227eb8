/**
 * The programs of AnyIO's page "Using sockets and streams", which {@code bobbinet tour} runs. Each stands for itself; host,
 * port or path are parameters, so that they run on free ports.
 */
@NullMarked
package io.bobbinet.examples.tour;

import org.jspecify.annotations.NullMarked;

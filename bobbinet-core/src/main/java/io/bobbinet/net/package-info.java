/** Sockets: TCP and UNIX streams, their connectors and listeners, names and addresses. */
@NullMarked
package io.bobbinet.net;

import org.jspecify.annotations.NullMarked;

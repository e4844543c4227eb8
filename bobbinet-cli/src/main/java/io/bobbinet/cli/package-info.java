/** The bobbinet command. */
@NullMarked
package io.bobbinet.cli;

import org.jspecify.annotations.NullMarked;

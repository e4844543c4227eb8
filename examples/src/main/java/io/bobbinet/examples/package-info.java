/** The programs shown in the documentation. */
@NullMarked
package io.bobbinet.examples;

import org.jspecify.annotations.NullMarked;

/** The backend of the JDK's own channels: every platform, no flags. */
@NullMarked
package io.bobbinet.backend.nio;

import org.jspecify.annotations.NullMarked;

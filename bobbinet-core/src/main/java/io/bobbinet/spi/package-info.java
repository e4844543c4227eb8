/**
 * What a backend provides and what the layers above need of the platform: handles, waiting, time.
 *
 * <p>A {@link io.bobbinet.spi.Backend} opens handles; a handle's operations block the calling thread, virtual or
 * platform, and end early only by {@link java.lang.Thread#interrupt()}, after which the handle is open and usable.
 * Cancellation and deadlines are built on that one rule in the layer above, so a backend knows nothing of them. The
 * operations are operations, not readiness, so that a backend may complete them in the kernel.
 *
 * <p>The testkit has a contract suite that every backend must pass.
 */
@NullMarked
package io.bobbinet.spi;

import org.jspecify.annotations.NullMarked;

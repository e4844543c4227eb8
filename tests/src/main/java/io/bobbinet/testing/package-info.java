/**
 * What the behaviour tests share: the backend matrix ({@link io.bobbinet.testing.OnEachBackend}), the leak check that
 * watches every test class ({@link io.bobbinet.testing.LeakCheck}) and real peer programs
 * ({@link io.bobbinet.testing.Peers}).
 *
 * <p>It is main code of this module, not test code, because JUnit finds the leak check as a service, and on the module
 * path a service of a module has to be in its descriptor.
 */
@NullMarked
package io.bobbinet.testing;

import org.jspecify.annotations.NullMarked;

/** MessagePack packets: a codec of the values of msgpack-core. */
@NullMarked
package io.bobbinet.msgpack;

import org.jspecify.annotations.NullMarked;

/** JSON and CBOR packets: codecs on Jackson, for records and other classes, and for documents of any shape. */
@NullMarked
package io.bobbinet.jackson;

import org.jspecify.annotations.NullMarked;

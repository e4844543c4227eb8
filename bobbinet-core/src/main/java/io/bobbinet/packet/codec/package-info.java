/**
 * Codecs: what most programs need to make bytes of packets and packets of bytes.
 *
 * <p>Packets of bytes, text and objects: {@link io.bobbinet.packet.codec.Bytes}, {@link io.bobbinet.packet.codec.Text},
 * {@link io.bobbinet.packet.codec.Struct}, {@link io.bobbinet.packet.codec.Serialized}. What tells where such a packet ends in a
 * stream: {@link io.bobbinet.packet.codec.LengthPrefixed}, {@link io.bobbinet.packet.codec.Delimited},
 * {@link io.bobbinet.packet.codec.FixedSize}, {@link io.bobbinet.packet.codec.Base64Text},
 * {@link io.bobbinet.packet.codec.Compressed}. {@link io.bobbinet.packet.codec.Lines} of text and
 * {@link io.bobbinet.packet.codec.FileLike} do both, and {@link io.bobbinet.packet.codec.Encrypted} keeps secrets.
 *
 * <p>All are immutable and serve any number of connections and threads at the same time. Each has a limit of how large a packet
 * may be, 65,536 bytes unless another is given: one that is larger is refused when it is to be sent, and malformed when it is
 * received. The next one is found all the same, where the form of the packets allows it.
 */
@NullMarked
package io.bobbinet.packet.codec;

import org.jspecify.annotations.NullMarked;

package io.bobbinet.testkit;

import io.bobbinet.packet.Codec;
import java.util.function.IntFunction;

/**
 * How the limit of a codec is checked.
 *
 * @param limited makes the codec with a limit
 * @param sized makes a packet that has a size
 * @param sizes the limits to check
 */
record CodecLimits<T>(IntFunction<? extends Codec<T>> limited, IntFunction<? extends T> sized, int[] sizes) {}

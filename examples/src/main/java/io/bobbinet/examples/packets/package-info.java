/**
 * The programs of EasyNetwork's page "Unix Stream Client Endpoints", in their blocking and in their asynchronous form, which
 * {@code bobbinet tour} runs. What they send are lines of JSON.
 */
@NullMarked
package io.bobbinet.examples.packets;

import org.jspecify.annotations.NullMarked;

/** The backend of Linux's own system calls, on x86-64 and AArch64. */
@NullMarked
package io.bobbinet.linux;

import org.jspecify.annotations.NullMarked;

package io.bobbinet.spi;

/**
 * Who a process is, {@code struct ucred} of unix(7).
 *
 * @param pid the process; 0 if it cannot be seen from here
 * @param uid the user, 0 to 4294967295
 * @param gid the group, 0 to 4294967295
 */
public record ProcessCredentials(int pid, long uid, long gid) {}

package io.bobbinet.net;

/**
 * Who a process is, {@code struct ucred} of unix(7).
 *
 * {@snippet file="NetExamples.java" region="credentials"}
 *
 * @param pid the process; of a peer that cannot be seen from here, such as one outside of a container, 0; in credentials to be
 *     sent, 0 stands for this process
 * @param uid the user, 0 to 4294967295
 * @param gid the group, 0 to 4294967295
 */
public record UnixCredentials(int pid, long uid, long gid) {
    private static final long LARGEST_ID = 0xffff_ffffL;

    /**
     * Checks the numbers.
     *
     * @param pid the process
     * @param uid the user
     * @param gid the group
     * @throws IllegalArgumentException if one is out of its range
     */
    public UnixCredentials {
        if (pid < 0 || uid < 0 || uid > LARGEST_ID || gid < 0 || gid > LARGEST_ID) {
            throw new IllegalArgumentException("No such process, user or group: " + pid + ", " + uid + ", " + gid);
        }
    }
}

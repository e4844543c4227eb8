package io.bobbinet.spi;

import java.util.List;

/**
 * What travels beside the bytes of a UNIX socket, cmsg(3).
 *
 * @param descriptors open descriptors, {@code SCM_RIGHTS}; received ones belong to the receiver, sent ones stay the
 *     sender's
 * @param credentials those of the sender, {@code SCM_CREDENTIALS}
 * @param truncated whether the system has thrown away some of it, {@code MSG_CTRUNC}
 */
public record ControlData(List<DescriptorHandle> descriptors, List<ProcessCredentials> credentials, boolean truncated) {

    /** Nothing. */
    public static final ControlData NONE = new ControlData(List.of(), List.of(), false);

    /**
     * Copies the lists.
     *
     * @param descriptors open descriptors
     * @param credentials those of the sender
     * @param truncated whether some of it is lost
     */
    public ControlData {
        descriptors = List.copyOf(descriptors);
        credentials = List.copyOf(credentials);
    }
}

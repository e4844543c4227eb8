package io.bobbinet.net;

import java.util.List;

/**
 * What travels beside the bytes of a UNIX socket, cmsg(3).
 *
 * {@snippet file="DescriptorExamples.java" region="controls"}
 */
public sealed interface ControlMessage {

    /**
     * Open descriptors, {@code SCM_RIGHTS}.
     *
     * @param descriptors the descriptors; those to be sent stay the sender's, the receiver gets its own for the same files and
     *     sockets
     */
    record Rights(List<Descriptor> descriptors) implements ControlMessage {

        /**
         * Copies the list.
         *
         * @param descriptors the descriptors
         */
        public Rights {
            descriptors = List.copyOf(descriptors);
        }
    }

    /**
     * Who the sender is, checked by the system, {@code SCM_CREDENTIALS}. They arrive where the receiver has switched on
     * {@link LinuxOptions#SO_PASSCRED}; the system then adds them where the sender has not. To send those of others takes privileges.
     *
     * @param credentials the credentials; the system sends one with a message
     */
    record Credentials(List<UnixCredentials> credentials) implements ControlMessage {

        /**
         * Copies the list.
         *
         * @param credentials the credentials
         */
        public Credentials {
            credentials = List.copyOf(credentials);
        }
    }
}

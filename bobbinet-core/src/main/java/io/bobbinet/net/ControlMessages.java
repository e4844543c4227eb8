package io.bobbinet.net;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.ProcessCredentials;
import java.util.ArrayList;
import java.util.List;

/** What is to travel beside bytes, as the backends want it. */
final class ControlMessages {
    /** How many the system passes in one message, {@code SCM_MAX_FD}. */
    static final int MOST_DESCRIPTORS = 253;

    private ControlMessages() {}

    /** Several of one kind count as one. */
    static ControlData of(ControlMessage... beside) {
        List<Descriptor> descriptors = new ArrayList<>();
        List<UnixCredentials> credentials = new ArrayList<>();
        for (ControlMessage message : beside) {
            switch (message) {
                case ControlMessage.Rights rights -> descriptors.addAll(rights.descriptors());
                case ControlMessage.Credentials sender -> credentials.addAll(sender.credentials());
            }
        }
        return of(descriptors, credentials);
    }

    static ControlData of(List<Descriptor> descriptors, List<UnixCredentials> credentials) {
        if (descriptors.isEmpty() && credentials.isEmpty()) {
            return ControlData.NONE;
        }
        if (descriptors.size() > MOST_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    "A message carries at most " + MOST_DESCRIPTORS + " descriptors, not " + descriptors.size());
        }
        if (credentials.size() > 1) {
            throw new IllegalArgumentException("A message carries the credentials of 1 sender, not " + credentials);
        }
        return new ControlData(
                descriptors.stream().map(Descriptor::toSend).toList(),
                credentials.stream().map(ControlMessages::sent).toList(),
                false);
    }

    private static ProcessCredentials sent(UnixCredentials sender) {
        int pid = sender.pid() == 0 ? (int) ProcessHandle.current().pid() : sender.pid();
        return new ProcessCredentials(pid, sender.uid(), sender.gid());
    }
}

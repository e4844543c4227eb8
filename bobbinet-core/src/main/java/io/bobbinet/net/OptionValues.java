package io.bobbinet.net;

import io.bobbinet.spi.SocketHandle;
import java.io.IOException;
import java.net.SocketOption;
import java.util.ArrayList;
import java.util.List;

/** Socket options to be set in order, a later value of an option in place of an earlier one. Immutable. */
final class OptionValues {
    static final OptionValues NONE = new OptionValues(List.of());

    private record Entry<T>(SocketOption<T> option, T value) {
        void set(SocketHandle handle) throws IOException {
            handle.setOption(option, value);
        }
    }

    private final List<Entry<?>> entries;

    private OptionValues(List<Entry<?>> entries) {
        this.entries = entries;
    }

    <T> OptionValues with(SocketOption<T> option, T value) {
        T checked = LinuxOptions.checked(option, value);
        List<Entry<?>> more = new ArrayList<>(entries);
        more.removeIf(entry -> entry.option().equals(option));
        more.add(new Entry<>(option, checked));
        return new OptionValues(List.copyOf(more));
    }

    void applyTo(SocketHandle handle) throws IOException {
        for (Entry<?> entry : entries) {
            entry.set(handle);
        }
    }

    @Override
    public String toString() {
        return entries.toString();
    }
}

package io.bobbinet.net;

import io.bobbinet.spi.ListenerHandle;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Listens on several addresses with one port, also if the system is to choose it. */
final class CommonPort {
    /** How often one is looked for. */
    static final int ROUNDS = 8;

    /** Listens on one address. */
    interface Opening {
        ListenerHandle listen(InetSocketAddress local) throws IOException;
    }

    private CommonPort() {}

    /**
     * Listens on all addresses. With port 0 the first address gets a port from the system, and the others have to take the
     * same. If it is taken there, all are closed, and another address goes first.
     */
    static List<ListenerHandle> listen(List<InetSocketAddress> addresses, Opening opening) throws IOException {
        List<InetSocketAddress> order = new ArrayList<>(addresses);
        BindException none = new BindException("No port is free on all of "
                + addresses.stream().map(AddressText::of).toList());
        for (int round = 0; round < Math.max(ROUNDS, addresses.size()); round++) {
            List<ListenerHandle> handles = new ArrayList<>();
            try {
                int port = order.getFirst().getPort();
                for (InetSocketAddress next : order) {
                    handles.add(opening.listen(new InetSocketAddress(next.getAddress(), port)));
                    port = ((InetSocketAddress) handles.getLast().localAddress()).getPort();
                }
                return handles;
            } catch (Throwable t) {
                handles.forEach(handle -> SocketErrors.closeAfter(t, handle));
                boolean chosenPortIsTaken =
                        t instanceof BindException && order.getFirst().getPort() == 0 && !handles.isEmpty();
                if (!chosenPortIsTaken) {
                    throw t;
                }
                none.addSuppressed(t);
                Collections.rotate(order, -1);
            }
        }
        throw none;
    }
}

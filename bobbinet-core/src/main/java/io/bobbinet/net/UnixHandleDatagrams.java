package io.bobbinet.net;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.ControlRefusedException;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.UnixName;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A UNIX datagram socket over a handle of a backend, connected or not: its file, and what travels beside datagrams. */
abstract sealed class UnixHandleDatagrams extends HandleDatagrams<UnixAddress>
        permits UnixDatagramSocket, ConnectedUnixDatagramSocket {
    private final Optional<SocketFile> file;

    UnixHandleDatagrams(UnixPlace.Bound<DatagramHandle> bound) {
        super(bound.handle(), bound.address());
        this.file = bound.file();
    }

    static UnixPlace.Bound<DatagramHandle> madeByOthers(DatagramHandle handle) {
        return new UnixPlace.Bound<>(handle, UnixHandleStream.address(handle::localAddress), Optional.empty());
    }

    @Override
    final Optional<UnixAddress> sender(SocketAddress address) {
        UnixName name = (UnixName) address;
        return name.bytes().length == 0 ? Optional.empty() : Optional.of(UnixAddress.of(name));
    }

    /** {@inheritDoc} Whole, whatever its size. */
    @Override
    public final Datagram<UnixAddress> receive() throws IOException {
        return receive(Integer.MAX_VALUE);
    }

    /**
     * Receives a datagram and what came beside it, one {@code recvmsg}. A plain receive takes the datagram alone, and the system
     * closes descriptors that came with it.
     *
     * @param max how many bytes at most; of a longer datagram the rest is lost, and it is flagged as truncated
     * @return what came, which belongs to the caller, who closes it; with its sender
     * @throws IllegalArgumentException if less than 1 byte is asked for
     * @throws IOException as from {@link #receive(int)}; nothing was taken, neither bytes nor descriptors
     */
    public final UnixMessage receiveMessage(int max) throws IOException {
        if (max < 1) {
            throw new IllegalArgumentException("At least 1 byte must be asked for, not " + max);
        }
        beginReceive();
        try {
            var datagram = handle.receiveMessage(max);
            return UnixMessage.of(datagram, sender(datagram.sender()));
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (IOException e) {
            throw receiveFailed(e);
        } finally {
            endReceive();
        }
    }

    /** Sends a datagram with something beside it, to an address or to the peer. */
    final void transmitBeside(ByteBuffer data, Optional<UnixAddress> to, ControlData beside) throws IOException {
        beginSend();
        try {
            handle.sendMessage(data, to.map(UnixAddress::name), beside);
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (ControlRefusedException e) {
            SocketException refused =
                    new SocketException("Nothing was sent: the system refuses what was to travel beside a"
                            + " datagram of " + data.remaining() + " bytes to "
                            + AddressText.of(to.or(this::peer).orElseThrow()) + ": " + e.getMessage());
            refused.initCause(e);
            throw refused;
        } catch (IOException e) {
            throw sendFailed(e, data.remaining(), to.orElse(null));
        }
    }

    /** {@return the address}
     *
     * @throws IllegalArgumentException if it is unnamed
     */
    static UnixAddress checkNamed(UnixAddress to) {
        if (to.isUnnamed()) {
            throw new IllegalArgumentException("A datagram cannot go to a socket without a name");
        }
        return to;
    }

    @Override
    final void released() throws IOException {
        if (file.isPresent()) {
            file.get().delete();
        }
    }
}

package io.bobbinet.cli;

import io.bobbinet.net.Datagram;
import io.bobbinet.packet.MalformedPacketException;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of commands that can take what goes over a connection for packets. */
final class PacketOptions {

    @Option(
            names = "--codec",
            paramLabel = "CODEC",
            converter = PacketForm.OfName.class,
            description = "Packets instead of bytes: " + PacketForm.NAMES
                    + ". On the terminal each is a line; those of the last three are shown as JSON.")
    private Optional<PacketForm<?>> form = Optional.empty();

    Optional<PacketForm<?>> form() {
        return form;
    }

    /**
     * {@return a datagram with its packet made anew, or as it is if there is no codec; empty, and that was told, if it has none}
     *
     * @param <A> the kind of address
     */
    <A extends SocketAddress> Optional<Datagram<A>> passed(Datagram<A> datagram, ConnectionOptions connections)
            throws IOException {
        if (form.isEmpty()) {
            return Optional.of(datagram);
        }
        Optional<byte[]> bytes = anew(form.get(), datagram, connections);
        return bytes.map(data -> datagram.peer().isPresent()
                ? datagram.reply(data)
                : Datagram.received(data, data.length, datagram.peer()));
    }

    private static Optional<byte[]> anew(PacketForm<?> form, Datagram<?> datagram, ConnectionOptions connections)
            throws IOException {
        try {
            return Optional.of(form.anew(datagram.data()));
        } catch (MalformedPacketException | IllegalArgumentException e) {
            connections.tellOfMalformed(DatagramSockets.sender(datagram), e);
            return Optional.empty();
        }
    }
}

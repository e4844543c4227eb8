package io.bobbinet.cli;

import io.bobbinet.packet.PacketClient;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Joins a stream of packets to standard input and output: a line is a packet.
 *
 * @param <T> the type of the packets
 */
final class PacketJoin<T> {
    /** Input that comes later than that after the end of the other side has nobody to go to. */
    private static final Duration LAST_INPUT = Duration.ofMillis(200);

    private final StandardLines lines = new StandardLines();
    private final PacketForm<T> form;

    /** The sending; its deadline is set by the receiver. */
    private final MoveOnScope sending = CancelScope.create();

    PacketJoin(PacketForm<T> form) {
        this.form = form;
    }

    /** Sends each line and prints each packet until the stream ends. The end of the input ends the sending. */
    void join(ByteStream stream) throws IOException {
        var client = PacketClient.over(stream, form.onStreams()); // who has opened the stream closes it
        TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> sending.<IOException>run(() -> sendAll(client)));
            client.<IOException>forEach(
                    packet -> lines.print(form.printer().apply(packet)),
                    malformed -> Complaints.say("what came is no packet: " + Complaints.describe(malformed)));
            sending.moveDeadline(Deadline.after(LAST_INPUT));
            sender.await();
        });
    }

    private void sendAll(PacketClient<T, T> client) throws IOException {
        try {
            for (Optional<String> line = lines.nextText(); line.isPresent(); line = lines.nextText()) {
                client.send(form.read(line.get()));
            }
            client.sendEof();
        } catch (BrokenResourceException e) {
            // The receiving side says so too; unless it has ended in good order, and then nobody wants more.
        } catch (UnsupportedOperationException e) {
            // TLS 1.2 cannot end the sending alone: the peer has to end the connection.
        }
    }
}

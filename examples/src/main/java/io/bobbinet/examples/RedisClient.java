package io.bobbinet.examples;

import io.bobbinet.examples.RespCodec.Array;
import io.bobbinet.examples.RespCodec.Bulk;
import io.bobbinet.examples.RespCodec.Reply;
import io.bobbinet.net.Endpoint;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.TaskGroup;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A client of Redis, whose protocol is a codec of its own, {@link RespCodec}. Usage: {@code RedisClient tcp://HOST:PORT COMMAND...} */
public final class RedisClient implements Closeable {
    private final PacketClient<Reply, Reply> client;

    private RedisClient(PacketClient<Reply, Reply> client) {
        this.client = client;
    }

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        Connector<? extends ByteStream> server = switch (Endpoint.parse(args[0])) {
            case Endpoint.Tcp tcp -> Tcp.connector(tcp.host(), tcp.port());
            case Endpoint.Unix unix -> Unix.connector(unix.address());
            default -> throw new IllegalArgumentException("Redis is not at " + args[0]);
        };
        try (var redis = connect(server)) {
            System.out.println(redis.call(List.of(args).subList(1, args.length).toArray(String[]::new)));
        }
    }

    // @start region="client"
    /** Connects. A command is sent as an array of strings; a server answers each by one reply. */
    public static RedisClient connect(Connector<? extends ByteStream> server) throws IOException {
        return new RedisClient(PacketClient.connect(server, StreamProtocol.of(new RespCodec())));
    }

    /** Sends a command and waits for its reply. */
    public Reply call(String... command) throws IOException {
        return pipeline(List.of(List.of(command))).getFirst();
    }

    /** Sends commands without waiting for replies, which come meanwhile. For one task at a time. */
    public List<Reply> pipeline(List<List<String>> commands) throws IOException {
        var packets = commands.stream().map(RedisClient::command).toList(); // refused before anything is sent
        var replies = new ArrayList<Reply>(packets.size());
        try {
            return TaskGroup.call(group -> {
                group.fork(() -> {
                    for (var packet : packets) {
                        client.send(packet);
                    }
                });
                while (replies.size() < packets.size()) {
                    replies.add(client.receive());
                }
                return replies;
            });
        } finally {
            if (replies.size() < packets.size()) {
                client.close(); // replies are owed: the next command would get one of those for its own
            }
        }
    }
    // @end region="client"

    @Override
    public void close() throws IOException {
        client.close();
    }

    private static Reply command(List<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("A command has a name");
        }
        return new Array(words.stream().<Reply>map(Bulk::of).toList());
    }
}

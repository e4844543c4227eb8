package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.Udp;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.task.CancelScope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A client of a DNS server, RFC 1035, over UDP and, for long answers, TCP. Usage: {@code DnsClient SERVER NAME A|AAAA|TXT} */
public record DnsClient(InetSocketAddress server) {
    private static final int HEADER = 12;
    private static final int RESPONSE = 0x8000;
    private static final int TRUNCATED = 0x0200;
    private static final int RECURSION_DESIRED = 0x0100;
    private static final int NO_SUCH_NAME = 3;
    private static final int INTERNET = 1;

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The kinds of records that this client reads. */
    public enum Type {
        A(1),
        TXT(16),
        AAAA(28);

        private final int code;

        Type(int code) {
            this.code = code;
        }
    }

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        var client = new DnsClient(new InetSocketAddress(args[0], 53));
        client.query(args[1], Type.valueOf(args[2])).forEach(System.out::println);
    }

    /** {@return what the server knows of a name; nothing, if the name has no records of the type} */
    public List<String> query(String name, Type type) throws IOException {
        byte[] question = question(name, type);
        try {
            var answer = ask(question);
            int result = answer.getShort(2) & 0xf;
            if (result == NO_SUCH_NAME) {
                throw new UnknownHostException(name);
            }
            if (result != 0) {
                throw new ProtocolException(server + " answers with the error " + result);
            }
            return records(answer.position(question.length), type); // it begins with the question
        } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw (IOException) new ProtocolException("The answer of " + server + " is malformed").initCause(e);
        }
    }

    // @start region="retry"
    private ByteBuffer ask(byte[] question) throws IOException {
        return CancelScope.failAfter(ofSeconds(5), "asking " + server).call(() -> {
            var answer = Optional.<byte[]>empty();
            while (answer.isEmpty()) { // lost, there or back: ask again
                answer = CancelScope.moveOnAfter(ofMillis(800)).call(() -> askOverUdp(question));
            }
            var message = ByteBuffer.wrap(answer.get());
            boolean cut = (message.getShort(2) & TRUNCATED) != 0;
            return cut ? ByteBuffer.wrap(askOverTcp(question)) : message;
        });
    }

    /** Asks from a new port, and with a new number, so that nobody can guess what an answer has to look like. */
    private byte[] askOverUdp(byte[] question) throws IOException {
        ByteBuffer.wrap(question).putShort((short) RANDOM.nextInt());
        try (var socket = Udp.connector(server).connect()) {
            socket.send(question);
            while (true) {
                byte[] message = socket.receive().data();
                if (isAnswer(message, question)) {
                    return message;
                }
            }
        }
    }
    // @end region="retry"

    private byte[] askOverTcp(byte[] question) throws IOException {
        try (var stream = BufferedByteStream.over(Tcp.connector(server).connect())) {
            var length = ByteBuffer.allocate(Short.BYTES).putShort((short) question.length);
            stream.send(length.flip(), ByteBuffer.wrap(question));
            int size = ByteBuffer.wrap(stream.receiveExactly(Short.BYTES)).getShort() & 0xffff;
            byte[] message = stream.receiveExactly(size);
            if (!isAnswer(message, question)) {
                throw new ProtocolException("The answer of " + server + " is to another question");
            }
            return message;
        }
    }

    /** The same number and the same question, and an answer. */
    private static boolean isAnswer(byte[] message, byte[] question) {
        return message.length >= question.length
                && Arrays.equals(message, 0, 2, question, 0, 2)
                && (message[2] & RESPONSE >> 8) != 0
                && Arrays.equals(message, HEADER, question.length, question, HEADER, question.length);
    }

    // -- messages

    private static byte[] question(String name, Type type) {
        var message = ByteBuffer.allocate(512);
        message.putShort((short) 0).putShort((short) RECURSION_DESIRED).putShort((short) 1);
        message.position(HEADER);
        for (String label : IDN.toASCII(name).split("\\.")) {
            byte[] bytes = label.getBytes(UTF_8);
            if (bytes.length == 0 || bytes.length > 63) {
                throw new IllegalArgumentException("No name: " + name);
            }
            message.put((byte) bytes.length).put(bytes);
        }
        message.put((byte) 0).putShort((short) type.code).putShort((short) INTERNET);
        return Arrays.copyOf(message.array(), message.position());
    }

    /** The records of the type, whoever owns them: those of an alias are its target's, and the server sends no others. */
    private static List<String> records(ByteBuffer message, Type type) throws IOException {
        var records = new ArrayList<String>();
        for (int i = message.getShort(6) & 0xffff; i > 0; i--) {
            skipName(message);
            int kind = message.getShort();
            message.position(message.position() + Short.BYTES + Integer.BYTES); // class, time to live
            byte[] data = new byte[message.getShort() & 0xffff];
            message.get(data);
            if (kind == type.code) {
                records.add(
                        type == Type.TXT
                                ? text(data)
                                : InetAddress.getByAddress(data).getHostAddress());
            }
        }
        return records;
    }

    /** Labels, and at the end maybe a pointer to a name, or the end of one, that has been before: section 4.1.4. */
    private static void skipName(ByteBuffer message) throws IOException {
        int start = message.position();
        for (int length = message.get() & 0xff; length != 0; length = message.get() & 0xff) {
            if (length >= 0x40) {
                int target = (length & 0x3f) << 8 | message.get() & 0xff;
                if (length < 0xc0 || target >= start) {
                    throw new ProtocolException("A name with a bad pointer to " + target);
                }
                return;
            }
            message.position(message.position() + length);
        }
    }

    /** Strings of up to 255 bytes, which belong together. */
    private static String text(byte[] data) {
        var text = new ByteArrayOutputStream();
        for (int at = 0; at < data.length; at += 1 + (data[at] & 0xff)) {
            text.write(data, at + 1, data[at] & 0xff);
        }
        return text.toString(UTF_8);
    }
}

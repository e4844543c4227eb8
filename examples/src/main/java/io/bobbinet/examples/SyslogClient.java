package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UnixDatagram;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A client of the system's log, RFC 5424: over a UNIX datagram socket, where nothing is lost, or over UDP, RFC 5426, where what
 * the network has no room for is. Usage: {@code SyslogClient TEXT}
 */
public final class SyslogClient implements Closeable {
    /** RFC 5426, section 3.2: what every receiver takes over IPv6. */
    private static final int MOST_OVER_UDP = 1180;

    private static final int MOST_OVER_UNIX = 8192;
    private static final int USER_LEVEL = 1 << 3;

    /** How bad it is. */
    public enum Severity {
        EMERGENCY,
        ALERT,
        CRITICAL,
        ERROR,
        WARNING,
        NOTICE,
        INFORMATIONAL,
        DEBUG
    }

    private final ConnectedDatagramTransport<?> log;
    private final String header;
    private final int most;

    private SyslogClient(ConnectedDatagramTransport<?> log, String host, String application, int most) {
        this.log = log;
        this.header =
                " " + host + " " + application + " " + ProcessHandle.current().pid() + " - - ";
        this.most = most;
    }

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        try (var log = open(Path.of("/dev/log"), "example")) {
            log.log(Severity.NOTICE, args[0]);
        }
    }

    // @start region="open"
    /** Talks to the log of this machine. */
    public static SyslogClient open(Path path, String application) throws IOException {
        return new SyslogClient(UnixDatagram.connect(path), "-", application, MOST_OVER_UNIX);
    }

    /** Talks to the log of another machine. */
    public static SyslogClient open(String host, int port, String application) throws IOException {
        var self = InetAddress.getLocalHost().getHostName();
        return new SyslogClient(Udp.connect(host, port), self, application, MOST_OVER_UDP);
    }
    // @end region="open"

    /** Sends a message, which is a datagram; a long one is cut. May be called by many threads at the same time. */
    public void log(Severity severity, String text) throws IOException {
        var message = new ByteArrayOutputStream();
        var time = Instant.now().truncatedTo(ChronoUnit.MICROS);
        int priority = USER_LEVEL + severity.ordinal();
        message.writeBytes(("<" + priority + ">1 " + time + header).getBytes(US_ASCII));
        message.writeBytes(("\uFEFF" + text).getBytes(UTF_8)); // the mark says: UTF-8
        byte[] bytes = message.toByteArray();
        log.send(ByteBuffer.wrap(bytes, 0, end(bytes)));
    }

    /** Not in the middle of a character. */
    private int end(byte[] bytes) {
        int end = Math.min(bytes.length, most);
        while (end < bytes.length && (bytes[end] & 0xc0) == 0x80) {
            end--;
        }
        return end;
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}

package io.bobbinet.tests.tls;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * An engine of the JDK whose records are in the test's hands, to be damaged, doubled or held back. For one thread.
 *
 * <p>It says nothing unless it is told to: what the engine has to say after a receive waits until {@link #answers()} is sent.
 */
final class EnginePeer implements Closeable {
    private static final int ROOM = 100_000;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    final ByteStream transport;
    final SSLEngine engine;

    /** Ready to be read. */
    private final ByteBuffer arrived = ByteBuffer.allocate(ROOM).flip();

    private byte[] held = {};

    EnginePeer(ByteStream transport, boolean server, String version) {
        this.transport = transport;
        this.engine = TlsSides.context().createSSLEngine();
        engine.setUseClientMode(!server);
        engine.setEnabledProtocols(new String[] {version});
    }

    EnginePeer handshaken() throws IOException {
        if (engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
            engine.beginHandshake();
        }
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP, NEED_TASK -> transport.send(answers());
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap(NONE);
                default -> {
                    return this;
                }
            }
        }
    }

    /**
     * Handshakes, but of one of the flights sends a part alone, and nothing more.
     *
     * @param flight which of them, from 0
     * @param part how much of so many bytes
     * @return false if there is no such flight, and the handshake is done
     */
    boolean stall(int flight, IntUnaryOperator part) throws IOException {
        engine.beginHandshake();
        for (int flights = 0; ; ) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP, NEED_TASK -> {
                    byte[] bytes = answers();
                    if (bytes.length > 0 && flights++ == flight) {
                        int sent = part.applyAsInt(bytes.length);
                        transport.send(Arrays.copyOf(bytes, sent));
                        held = Arrays.copyOfRange(bytes, sent, bytes.length);
                        return true;
                    }
                    transport.send(bytes);
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap(NONE);
                default -> {
                    return false;
                }
            }
        }
    }

    /** The rest of the flight that was not sent. */
    byte[] held() {
        return held;
    }

    /** Decrypts a record, receiving what it takes. */
    private SSLEngineResult unwrap(ByteBuffer target) throws IOException {
        while (true) {
            SSLEngineResult result = engine.unwrap(arrived, target);
            runTasks();
            if (result.getStatus() != SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                return result;
            }
            arrived.compact();
            try {
                transport.receive(arrived);
            } finally {
                arrived.flip();
            }
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** Records of some data, to be sent as it pleases. */
    byte[] record(byte[] data) throws SSLException {
        ByteBuffer source = ByteBuffer.wrap(data);
        ByteBuffer target = ByteBuffer.allocate(data.length + ROOM);
        do {
            engine.wrap(source, target);
            runTasks();
        } while (source.hasRemaining());
        return Arrays.copyOf(target.array(), target.position());
    }

    /** What the engine has to say of itself. */
    byte[] answers() throws SSLException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer target = ByteBuffer.allocate(ROOM);
        while (true) {
            runTasks();
            if (engine.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
                return all.toByteArray();
            }
            engine.wrap(NONE, target.clear());
            all.write(target.array(), 0, target.position());
        }
    }

    /** In TLS 1.3 a key update that wants one back; before, the first message of a renegotiation. */
    byte[] handshakeAgain() throws SSLException {
        engine.beginHandshake();
        return answers();
    }

    byte[] closeNotify() throws SSLException {
        engine.closeOutbound();
        return answers();
    }

    /**
     * Receives the data of a record; an empty array is the peer's close_notify.
     *
     * @throws SSLException that tells which alert the peer has sent
     * @throws EndOfStreamException if the transport has ended
     */
    byte[] receive() throws IOException {
        ByteBuffer target = ByteBuffer.allocate(ROOM);
        while (target.position() == 0) {
            if (unwrap(target).getStatus() == SSLEngineResult.Status.CLOSED) {
                break;
            }
        }
        return Arrays.copyOf(target.array(), target.position());
    }

    void send(String text) throws IOException {
        transport.send(record(TlsSides.bytes(text)));
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}

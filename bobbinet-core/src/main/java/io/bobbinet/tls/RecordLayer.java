package io.bobbinet.tls;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLProtocolException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * An engine between a transport and the two directions of a stream.
 *
 * <p>The engine has one lock of its own, held while it computes and never while anybody waits. What comes in is used by one reader at
 * a time, the caller sees to that; what goes out has an order of its own, {@link Outbound}, for which the reader never waits. So
 * neither direction waits for the other, whatever the peer does.
 */
final class RecordLayer {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** The header of a record that no engine takes. There is no other way to have it send a fatal alert. */
    private static final byte[] OVERLONG = {22, 3, 3, -1, -1};

    static final String TLS_1_3 = "TLSv1.3";

    private final ByteStream transport;
    private final SSLEngine engine;
    private final Outbound outbound;

    // -- the reader's

    private final Ciphertext arrived = new Ciphertext();

    /** Decrypted and not received yet; from the pool, but for NONE. */
    private ByteBuffer plain = NONE;

    /** Whether the peer has said that it is done. */
    private boolean ended;

    /** A failure met after bytes that were to be given out first. */
    private @Nullable SSLException deferred;

    // -- both's

    /** Used in the handshake alone. */
    private boolean begun;

    /** Set once, at the end of the handshake, before either direction is used. */
    private boolean negotiated;

    /** Whether this is TLS 1.3; set with it. */
    private boolean modern;

    RecordLayer(ByteStream transport, SSLEngine engine) {
        this.transport = transport;
        this.engine = engine;
        this.outbound = new Outbound(transport, engine);
    }

    // -- the handshake

    /** Goes on with the handshake until it is done; if cut short by a cancel, may be called again. Used by one thread at a time. */
    void negotiate() throws IOException {
        if (!begun) {
            engine.beginHandshake();
            begun = true;
        }
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> runTasks(engine);
                case NEED_WRAP -> outbound.hold(); // what belongs together is sent together
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!decrypt(NONE)) {
                        outbound.flush();
                        arrived.receiveFrom(transport);
                    }
                    if (ended) {
                        throw new BrokenResourceException("The peer has ended TLS in the handshake");
                    }
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    modern = TLS_1_3.equals(engine.getSession().getProtocol());
                    if (engine.getUseClientMode() || !modern) {
                        outbound.flush();
                    } // Else it is session tickets, which go with the first data: a client that only sends does not
                    // read them.
                    negotiated = true;
                    arrived.settle();
                    return;
                }
            }
        }
    }

    static void runTasks(SSLEngine engine) {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** What goes out. */
    Outbound outbound() {
        return outbound;
    }

    SSLSession session() {
        return engine.getSession();
    }

    @Nullable
    String applicationProtocol() {
        String protocol = engine.getApplicationProtocol();
        return protocol == null || protocol.isEmpty() ? null : protocol;
    }

    /** Whether this is TLS 1.3. */
    boolean isModern() {
        return modern;
    }

    // -- reading

    /**
     * Gives at least one byte, or -1 if the peer has said that it is done.
     *
     * @throws io.bobbinet.stream.EndOfStreamException if the transport ended without that
     */
    int read(ByteBuffer target) throws IOException {
        int before = target.position();
        while (target.position() == before) {
            if (!plain.hasRemaining() && !awaitNews(target)) {
                return -1;
            }
            move(target);
        }
        readOn(target);
        arrived.settle();
        return target.position() - before;
    }

    /** As {@link #read(ByteBuffer)}; an empty array is the end. */
    byte[] read(int max) throws IOException {
        if (!awaitPlain()) {
            return new byte[0];
        }
        byte[] bytes = new byte[Math.min(max, plain.remaining())];
        plain.get(bytes);
        releasePlain();
        return bytes;
    }

    /** Waits until there is something to give out; false is the end. */
    boolean awaitPlain() throws IOException {
        while (!plain.hasRemaining()) {
            if (!awaitNews(NONE)) {
                return false;
            }
        }
        arrived.settle();
        return true;
    }

    /** Throws away what comes until the peer says that it is done. */
    void awaitEnd() throws IOException {
        do {
            plain.position(plain.limit());
            releasePlain();
        } while (awaitPlain());
    }

    /** Decrypts a record, or waits for bytes that may become one; false is the end. */
    private boolean awaitNews(ByteBuffer target) throws IOException {
        if (deferred != null) {
            throw deferred;
        }
        if (ended) {
            return false;
        }
        try {
            if (!decrypt(target)) {
                arrived.settle();
                arrived.receiveFrom(transport);
            }
        } catch (SSLException e) {
            deferred = e; // each later call meets it too
            throw e;
        }
        return true;
    }

    private void move(ByteBuffer target) {
        int count = Math.min(plain.remaining(), target.remaining());
        if (count > 0) {
            target.put(plain.slice(plain.position(), count));
            plain.position(plain.position() + count);
            releasePlain();
        }
    }

    /** Small records: those that are there already go into the same buffer. */
    private void readOn(ByteBuffer target) throws IOException {
        try {
            while (!plain.hasRemaining()
                    && !ended
                    && deferred == null
                    && !outbound.isBehind() // a wait for answers could be cancelled
                    && arrived.hasRecordOfAtMost(target.remaining())) {
                decrypt(target);
                move(target);
            }
        } catch (SSLException e) {
            deferred = e;
        }
    }

    /** Decrypts one record, into the target if it fits there, else into a buffer of ours; false if more bytes are needed. */
    private boolean decrypt(ByteBuffer target) throws IOException {
        if (!arrived.isDecidable()) {
            return false;
        }
        SSLEngineResult result;
        if (target.hasArray() && arrived.hasRecordOfAtMost(target.remaining())) {
            result = engine.unwrap(arrived.bytes(), target);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                result = decryptAside();
            }
        } else {
            result = decryptAside();
        }
        switch (result.getStatus()) {
            case CLOSED -> {
                if (result.bytesConsumed() == 0) {
                    throw new BrokenResourceException(
                            "The engine takes the end of our sending for the end of the connection");
                }
                ended = true;
            }
            // An engine waits for more of what can never become a record.
            case BUFFER_UNDERFLOW -> throw refused("What has come is not TLS");
            case BUFFER_OVERFLOW -> throw new SSLException("The engine wants more room than it said");
            case OK -> {}
        }
        answer(result);
        return true;
    }

    /** Ends TLS for what the engine itself does not mind, and has it tell the peer. */
    SSLException refused(String why) {
        SSLException refused = new SSLProtocolException(why);
        runTasks(engine); // it would not look at the record before
        try {
            engine.unwrap(ByteBuffer.wrap(OVERLONG), ByteBuffer.allocate(0));
        } catch (SSLException e) {
            refused.addSuppressed(e); // it has an alert ready now
        }
        return refused;
    }

    private SSLEngineResult decryptAside() throws SSLException {
        ByteBuffer room = TlsBuffers.take(0);
        SSLEngineResult result = engine.unwrap(arrived.bytes(), room);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            room = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
            result = engine.unwrap(arrived.bytes(), room);
        }
        plain = room.flip();
        releasePlain();
        return result;
    }

    private void releasePlain() {
        if (!plain.hasRemaining() && plain != NONE) {
            TlsBuffers.give(plain);
            plain = NONE;
        }
    }

    /** Does what a record asks for, once the handshake is done. */
    private void answer(SSLEngineResult result) throws IOException {
        HandshakeStatus status = result.getHandshakeStatus();
        if (!negotiated || ended || status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
            return;
        }
        if (!modern) {
            throw refused("The peer asks for a renegotiation, which is refused");
        }
        if (status == HandshakeStatus.NEED_TASK) {
            runTasks(engine);
            status = engine.getHandshakeStatus();
        }
        // With data, it is the engine itself that wants new keys.
        if (status == HandshakeStatus.NEED_WRAP && !outbound.answer(result.bytesProduced() == 0)) {
            throw refused(
                    "The peer has sent more than " + Outbound.MOST_UNANSWERED + " key updates and reads no answer");
        }
    }

    /** Whether the peer has said that it is done. */
    boolean hasEnded() {
        return ended;
    }

    /** What has arrived from the transport and is not TLS any more. */
    byte[] rest() {
        return arrived.rest();
    }
}

package io.bobbinet.tls;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * A TLS connection over another stream: a {@link ByteStream} like any other, with a handshake before and a few rules of its
 * own. Made by {@link Tls}.
 *
 * {@snippet file="TlsExamples.java" region="client"}
 *
 * <p><b>Handshake.</b> Streams of {@link Tls#connect}, {@link Tls#client}, {@link Tls#server}, connectors and
 * {@code serve} have done it. Those of a listener's {@code accept} and {@code forEach} have not: the first send, receive or
 * {@link #handshake()} does it, under the time limit of the options, which counts from there. A cancelled or interrupted call leaves a handshake
 * where it was, and the next call goes on with it, unless a part of a message had gone out; if it fails or takes too long, the stream
 * and what it wraps are closed, after an alert if there is one to send, and later calls throw {@link ClosedResourceException}.
 *
 * <p><b>Directions.</b> One thread may receive and one send at the same time, and neither waits for the other, whatever the peer
 * does. Any thread may close.
 *
 * <p><b>Sending.</b> A record counts as sent once it is encrypted, since a record that is left out would be noticed: a send that is
 * cut short after its first record breaks the sending, as {@link io.bobbinet.stream.ByteSendStream} says, and its {@link #close()}
 * omits close_notify, so that the peer does not take a cut message for a whole one.
 *
 * <p><b>End.</b> The end of the stream is a close_notify alert of the peer. If the transport ends without one, the connection was
 * cut, maybe by an attacker: {@link BrokenResourceException}, unless the options say {@link TlsEnd#LENIENT}. TLS 1.3 has two
 * independent ends; before it, one side's end is the other's too, and sends throw {@link BrokenResourceException} after it. Closing
 * sends close_notify and does not wait for the peer's.
 *
 * <p>A record that is forged or damaged, a renegotiation, or a flood of key updates breaks the stream; the peer is sent an alert.
 * Receiving then throws {@link BrokenResourceException} with the {@link SSLException} as its cause; only if the peer refuses a
 * certificate after the handshake of a TLS 1.3 client was over for that client, the first receive throws the
 * {@link SSLHandshakeException}.
 *
 * <p>RFC 8446 and RFC 5246; the attributes are {@link TlsAttributes}, and all of the wrapped stream.
 */
public final class TlsStream implements ByteStream {
    /** For an alert or a close_notify, which an unwilling peer may not want to read. */
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final ByteStream transport;
    private final Role role;
    private final RecordLayer records;
    private final ResourceGuard receiving = new ResourceGuard("receiving from");
    private final ResourceGuard sending = new ResourceGuard("sending to");
    private final ReentrantLock handshaking = new ReentrantLock();

    /** When the handshake must be over; set when it begins; guarded by handshaking. */
    private @Nullable Deadline handshakeBy;

    /** Whether a close has said close_notify, or cannot; guarded by handshaking, which nobody else wants by then. */
    private boolean goodbyeSaid;

    /** Set when the handshake is over. */
    private volatile @Nullable SessionFacts facts;

    /** Whether a receive has reported the end; owned by the receiver. */
    private boolean ended;

    /** Why nothing more can be received. Written by the receiver. */
    private volatile @Nullable IOException failure;

    /** Whether the sending was ended; owned by the sender. */
    private boolean eofSent;

    /** Why nothing more may be sent: what became of the send that was cut off. Written by the sender. */
    private volatile String cut = "";

    /** Whether a send found the connection broken. Written by the sender. */
    private volatile boolean brokenSending;

    /** Why it is closed; empty while it is open. */
    private volatile String closed = "";

    /** Whether the transport is the user's again. Written with both directions held. */
    private volatile boolean unwrapped;

    TlsStream(ByteStream transport, Role role) {
        this.transport = transport;
        this.role = role;
        this.records = new RecordLayer(transport, role.newEngine(transport));
    }

    // -- the handshake

    /**
     * Does the handshake, if it has not been done yet: to fail early, or to look at the peer's certificates first.
     *
     * @throws SSLException if it fails, most often as {@link SSLHandshakeException}: no common protocol, a certificate that is
     *     not trusted or is for another name, a peer that does not speak TLS; the stream is closed
     * @throws BrokenResourceException if the transport ends or breaks; the stream is closed
     * @throws io.bobbinet.task.TimedOutException if the time limit of the options has passed; the stream is closed
     * @throws ClosedResourceException if this side closed the stream, or the handshake has failed before
     * @throws CancelledException if a scope in force is cancelled; the next call goes on with the handshake
     * @throws IOException as {@link InterruptedIOException} if the thread was interrupted by the user; the next call goes on
     */
    public void handshake() throws IOException {
        checkOpen("handshake with");
        if (facts != null) {
            CancelScope.checkpoint();
            return;
        }
        Outbound.lock(handshaking);
        try {
            checkOpen("handshake with");
            CancelScope.checkpoint();
            if (facts == null) {
                negotiate();
            }
        } finally {
            handshaking.unlock();
        }
    }

    private void negotiate() throws IOException {
        if (handshakeBy == null) {
            handshakeBy = Deadline.after(role.options().handshakeTimeout());
        }
        try {
            CancelScope.failAt(handshakeBy, "the TLS handshake with " + peer() + " within " + role.limit())
                    .run(records::negotiate);
            verify();
            facts = SessionFacts.of(records, role);
        } catch (CancelledException | BusyResourceException e) {
            throw e;
        } catch (InterruptedIOException e) {
            if (e instanceof SocketTimeoutException) {
                throw handshakeFailed(e);
            }
            throw e;
        } catch (IOException e) {
            throw handshakeFailed(e);
        } catch (RuntimeException e) {
            throw handshakeFailed(new SSLException("The provider failed: " + e, e));
        } catch (Error e) {
            abandon("the TLS handshake failed", e);
            throw e;
        }
    }

    private void verify() throws SSLException {
        try {
            role.verify(records.session());
        } catch (SSLException e) {
            e.addSuppressed(records.refused("The peer's certificate is refused"));
            throw e;
        }
    }

    private IOException handshakeFailed(IOException e) {
        if (!closed.isEmpty()) {
            return new ClosedResourceException("The stream was closed during the TLS handshake with " + peer(), e);
        }
        if (e instanceof SSLException) {
            deliverAlert(e);
        }
        IOException told = switch (e) {
            case SSLException ssl -> explained(ssl);
            case EndOfStreamException end ->
                new BrokenResourceException(peer() + " has ended the connection in the TLS handshake", end);
            default -> e;
        };
        abandon("the TLS handshake failed", told);
        return told;
    }

    private SSLHandshakeException explained(SSLException e) {
        return new SSLHandshakeException("The TLS handshake with " + peer() + " failed: " + HandshakeReport.of(e), e);
    }

    /** The engine has an alert ready; if the peer does not want it, it goes without. */
    private void deliverAlert(IOException failed) {
        try {
            CancelScope.moveOnAfter(FAREWELL).run(records.outbound()::flushOrHandOver);
        } catch (IOException | RuntimeException e) {
            failed.addSuppressed(e);
        }
    }

    private void abandon(String why, Throwable failed) {
        closed = why;
        try {
            transport.close();
        } catch (IOException | RuntimeException e) {
            failed.addSuppressed(e);
        }
    }

    // -- receiving

    @Override
    public byte[] receive(int max) throws IOException {
        if (max < 1) {
            throw new IllegalArgumentException("At least 1 byte must be asked for, not " + max);
        }
        beginReceive();
        try {
            byte[] bytes = records.read(max);
            if (bytes.length == 0) {
                throw end();
            }
            return bytes;
        } catch (IOException e) {
            throw receiveFailed(e);
        } finally {
            receiving.exit();
        }
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            throw new IllegalArgumentException("The buffer has no room: " + target);
        }
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("The buffer is read-only: " + target);
        }
        beginReceive();
        try {
            int count = records.read(target);
            if (count < 0) {
                throw end();
            }
            return count;
        } catch (IOException e) {
            throw receiveFailed(e);
        } finally {
            receiving.exit();
        }
    }

    @Override
    public void awaitReceivable() throws IOException {
        enterReceiving();
        try {
            if (ended || failure != null) {
                return;
            }
            records.awaitPlain();
        } catch (SSLException | EndOfStreamException | BrokenResourceException e) {
            // For the receive to tell, which meets it again.
        } catch (IOException e) {
            throw receiveFailed(e);
        } finally {
            receiving.exit();
        }
    }

    /** If it returns, {@code receiving} is held. */
    private void enterReceiving() throws IOException {
        checkOpen("receive from");
        receiving.enter();
        try {
            handshake();
        } catch (Throwable t) {
            receiving.exit();
            throw t;
        }
    }

    private void beginReceive() throws IOException {
        enterReceiving();
        try {
            if (ended) {
                throw end();
            }
            if (failure != null) {
                throw new BrokenResourceException(
                        "Cannot receive from " + peer() + ": " + failure.getMessage(), failure);
            }
        } catch (Throwable t) {
            receiving.exit();
            throw t;
        }
    }

    private IOException end() {
        if (!ended && brokenSending) {
            return new BrokenResourceException(
                    peer() + " has ended the TLS stream, but a send before found the connection broken");
        }
        ended = true;
        return new EndOfStreamException(peer() + " has ended the TLS stream");
    }

    /** What a failed receive is to throw, and what is to be remembered of it. */
    private IOException receiveFailed(IOException e) {
        if (!closed.isEmpty() && !(e instanceof InterruptedIOException)) {
            return new ClosedResourceException("The stream was closed while receiving from " + peer(), e);
        }
        return switch (e) {
            case SSLException ssl -> receivedNonsense(ssl);
            case EndOfStreamException last when ended -> last;
            case EndOfStreamException last when role.options().end() == TlsEnd.LENIENT -> end();
            case EndOfStreamException last -> {
                failure = last;
                yield new BrokenResourceException(
                        peer() + " has ended the connection without a close_notify of TLS; it may have been cut", last);
            }
            default -> e;
        };
    }

    private IOException receivedNonsense(SSLException e) {
        failure = e;
        deliverAlert(e);
        String told = "Receiving from " + peer() + " failed: " + HandshakeReport.of(e);
        return e instanceof SSLHandshakeException
                ? new SSLHandshakeException(told, e)
                : new BrokenResourceException(told, e);
    }

    // -- sending

    @Override
    public void send(ByteBuffer source) throws IOException {
        send(new ByteBuffer[] {Objects.requireNonNull(source, "source")});
    }

    @Override
    public void send(ByteBuffer... sources) throws IOException {
        long size = remaining(sources);
        beginSend();
        try {
            records.outbound().write(sources);
        } catch (Throwable t) {
            long sent = size - remaining(sources);
            if (sent > 0) {
                cut = "a send was cut off after " + sent + " of its " + size + " bytes";
            }
            if (t instanceof IOException e) {
                throw sendFailed(e);
            }
            throw t;
        } finally {
            sending.exit();
        }
    }

    /** What a failed send is to throw, and what is to be remembered of it. */
    private IOException sendFailed(IOException e) {
        if (e instanceof InterruptedIOException) {
            return e;
        }
        if (!closed.isEmpty()) {
            return new ClosedResourceException("The stream was closed while sending to " + peer(), e);
        }
        brokenSending = true;
        return e instanceof SSLException
                ? new BrokenResourceException("Sending to " + peer() + " failed: " + e.getMessage(), e)
                : e;
    }

    /**
     * Ends the sending by close_notify. The transport is not ended, so that the peer may still answer and either side may
     * {@link #unwrap()}. If it is cut short, the sending is ended all the same, and another call brings the rest on its way.
     *
     * @throws UnsupportedOperationException before TLS 1.3, where one side's end is the other's too; nothing has changed
     */
    @Override
    public void sendEof() throws IOException {
        checkOpen("send to");
        sending.enter();
        try {
            handshake();
            checkSendable();
            if (!records.isModern() || !role.endsApart()) {
                throw new UnsupportedOperationException(
                        "The sending cannot end alone before TLS 1.3, or with engines that are "
                                + "not the JDK's, and this is "
                                + records.session().getProtocol() + ": close the stream");
            }
            eofSent = true;
            records.outbound().end();
        } catch (IOException e) {
            throw sendFailed(e);
        } finally {
            sending.exit();
        }
    }

    /** If it returns, {@code sending} is held. */
    private void beginSend() throws IOException {
        checkOpen("send to");
        sending.enter();
        try {
            handshake();
            if (eofSent) {
                throw new ClosedResourceException("Cannot send to " + peer() + ": sendEof has ended the sending");
            }
            checkSendable();
        } catch (Throwable t) {
            sending.exit();
            throw t;
        }
    }

    private void checkSendable() throws BrokenResourceException {
        if (!cut.isEmpty()) {
            throw new BrokenResourceException("Cannot send to " + peer() + ": " + cut);
        }
        IOException met = failure;
        if (met instanceof SSLException) {
            throw new BrokenResourceException("Cannot send to " + peer() + ": " + met.getMessage(), met);
        }
    }

    private static long remaining(ByteBuffer[] sources) {
        long total = 0;
        for (ByteBuffer source : sources) {
            total += source.remaining();
        }
        return total;
    }

    // -- the end

    /**
     * Ends TLS and gives back the plain stream, which the conversation may go on with: sends close_notify, and waits for that of
     * the peer. Data of the peer that comes before it and was not received is discarded; to have it, receive until the end first.
     * This stream counts as closed from then on, and its {@link #close()} closes nothing. If the call is cancelled, timed out or
     * interrupted, it may be called again.
     *
     * @return the plain stream, with what came behind the peer's close_notify buffered; the very one that was wrapped, if that is
     *     buffered
     * @throws BrokenResourceException if the stream is broken, a send was cut off, or the transport ended without a close_notify
     *     of the peer, however {@linkplain TlsEnd ends are read}
     * @throws ClosedResourceException if this side closed the stream, before or during the call
     * @throws BusyResourceException if another thread is receiving or sending
     * @throws CancelledException if a scope in force is cancelled
     * @throws IOException as for a receive
     */
    public BufferedByteStream unwrap() throws IOException {
        enterReceiving();
        try {
            sending.enter();
            try {
                checkSendable();
                eofSent = true;
                records.outbound().end();
                awaitEnd();
                BufferedByteStream plain = transport instanceof BufferedByteStream buffered
                        ? buffered
                        : BufferedByteStream.over(transport);
                plain.pushBack(records.rest());
                unwrapped = true;
                closed = "unwrap has given the plain stream back";
                return plain;
            } finally {
                sending.exit();
            }
        } finally {
            receiving.exit();
        }
    }

    private void awaitEnd() throws IOException {
        IOException met = failure;
        if (met != null) {
            throw new BrokenResourceException("Cannot unwrap the stream to " + peer() + ": " + met.getMessage(), met);
        }
        if (ended && !records.hasEnded()) {
            throw new BrokenResourceException("Cannot unwrap the stream to " + peer() + ", which was cut");
        }
        try {
            records.awaitEnd();
        } catch (EndOfStreamException e) {
            failure = e;
            throw new BrokenResourceException(
                    "Cannot unwrap the stream to " + peer() + ", which has ended without a close_notify of TLS", e);
        } catch (IOException e) {
            throw receiveFailed(e);
        }
        ended = true;
    }

    /**
     * Closes the stream and what it wraps. Sends close_notify first, for which it takes at most 5 s if the peer does not read, and
     * does not wait for the peer's; not in a cancelled scope, with a send under way or cut off, or before the handshake: then
     * the peer sees a connection that was cut.
     *
     * @throws IOException if closing the wrapped stream reported a failure
     */
    @Override
    public void close() throws IOException {
        if (closed.isEmpty()) {
            closed = "the stream is closed";
        }
        if (unwrapped) {
            return;
        }
        try {
            if (facts != null && enterClosing()) {
                try {
                    if (!goodbyeSaid) {
                        goodbyeSaid = true;
                        sayGoodbye();
                    }
                } finally {
                    handshaking.unlock();
                }
            }
        } finally {
            transport.close();
        }
    }

    /** Waits for another closer to have said goodbye, but not where a close must not wait. */
    private boolean enterClosing() {
        if (handshaking.tryLock()) {
            return true;
        }
        try {
            CancelScope.checkpoint();
            handshaking.lockInterruptibly();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IOException | CancelledException e) {
            return false;
        }
    }

    private void sayGoodbye() {
        try {
            sending.enter();
        } catch (BusyResourceException e) {
            return; // a send is cut off by this very call
        }
        try {
            if (cut.isEmpty()) {
                CancelScope.moveOnAfter(FAREWELL).run(records.outbound()::end);
            }
        } catch (IOException | RuntimeException e) {
            // The peer is gone, or the scope is cancelled: the transport is closed all the same.
        } finally {
            sending.exit();
        }
    }

    private void checkOpen(String action) throws ClosedResourceException {
        String why = closed;
        if (!why.isEmpty()) {
            throw new ClosedResourceException("Cannot " + action + " " + peer() + ": " + why);
        }
    }

    private String peer() {
        return role.peer(transport);
    }

    /** {@inheritDoc} What this stream does not know is asked of the one that it wraps. */
    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        Objects.requireNonNull(attribute, "attribute");
        SessionFacts known = facts;
        Optional<T> value = role.find(attribute);
        if (value.isEmpty() && known != null) {
            value = known.find(attribute);
        }
        return value.isPresent() ? value : transport.find(attribute);
    }

    @Override
    public String toString() {
        return "TlsStream[" + transport + "]";
    }
}

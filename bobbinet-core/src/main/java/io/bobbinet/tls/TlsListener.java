package io.bobbinet.tls;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.stream.Serving;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/** Connections of another listener, with the server's side of TLS on top. */
final class TlsListener implements Listener<TlsStream> {
    private final Listener<? extends ByteStream> below;
    private final Role role;
    private final Serving serving = new Serving();

    TlsListener(Listener<? extends ByteStream> below, Role role) {
        this.below = below;
        this.role = role;
    }

    @Override
    public TlsStream accept() throws IOException {
        return Tls.over(below.accept(), role);
    }

    @Override
    public Serving serving() {
        return serving;
    }

    @Override
    public void serve(ThrowingConsumer<? super TlsStream, ?> handler, ServeOptions options) throws IOException {
        Objects.requireNonNull(handler, "handler");
        Listener.super.serve(
                connection -> {
                    connection.handshake();
                    handler.accept(connection);
                },
                options);
    }

    @Override
    public void serve(ThrowingConsumer<? super TlsStream, ?> handler, TaskGroup group) throws IOException {
        Objects.requireNonNull(handler, "handler");
        Listener.super.serve(connection -> handle(connection, handler), group);
    }

    /** A handshake that fails is the client's failure, not the handler's: it ends no group. */
    private static <X extends Throwable> void handle(
            TlsStream connection, ThrowingConsumer<? super TlsStream, X> handler) throws X, IOException {
        try {
            connection.handshake();
        } catch (IOException e) {
            if (CancelScope.isCancellationPending()) {
                throw e;
            }
            ServeOptions.defaults().failureReporter().accept(connection, e);
            return;
        }
        handler.accept(connection);
    }

    @Override
    public void close() throws IOException {
        try {
            below.close();
        } finally {
            serving.closed();
        }
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        Optional<T> value = role.find(attribute);
        return value.isPresent() ? value : below.find(attribute);
    }

    @Override
    public String toString() {
        return "TLS over " + below;
    }
}

package io.bobbinet.bench.peer;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two of the JDK's TLS engines that talk in memory, and nothing else. */
record EnginePair(SSLEngine client, SSLEngine server) {
    /** Buffers, one set for all pairs: none of them counts. */
    static final class Wire {
        private final ByteBuffer toServer = ByteBuffer.allocate(65_536);
        private final ByteBuffer toClient = ByteBuffer.allocate(65_536);
        private final ByteBuffer plain = ByteBuffer.allocate(65_536);
        private final ByteBuffer message = ByteBuffer.allocate(1);
        private final ByteBuffer nothing = ByteBuffer.allocate(0);
    }

    static EnginePair handshaken(SSLContext context, int port, Wire wire) throws SSLException {
        SSLEngine client = context.createSSLEngine("localhost", port);
        client.setUseClientMode(true);
        SSLEngine server = context.createSSLEngine();
        server.setUseClientMode(false);
        for (SSLEngine engine : new SSLEngine[] {client, server}) {
            engine.setEnabledProtocols(new String[] {TlsPeer.PROTOCOL});
            engine.setEnabledCipherSuites(new String[] {TlsPeer.CIPHER_SUITE});
        }
        client.beginHandshake();
        server.beginHandshake();
        EnginePair pair = new EnginePair(client, server);
        while (pair.step(client, wire.toServer, wire.toClient, wire)
                | pair.step(server, wire.toClient, wire.toServer, wire)) {
            // Neither is done.
        }
        carry(client, server, wire.toServer, wire);
        carry(server, client, wire.toClient, wire);
        return pair;
    }

    /** Has an engine write and read all that it can. */
    private boolean step(SSLEngine engine, ByteBuffer out, ByteBuffer in, Wire wire) throws SSLException {
        boolean moved = false;
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            moved |= engine.wrap(wire.nothing, out).bytesProduced() > 0;
            moved |= work(engine);
        }
        in.flip();
        SSLEngineResult result;
        do {
            result = engine.unwrap(in, wire.plain.clear());
            moved |= result.bytesConsumed() > 0 | work(engine);
        } while (in.hasRemaining()
                && result.getStatus() == SSLEngineResult.Status.OK
                && engine.getHandshakeStatus() != HandshakeStatus.NEED_WRAP);
        in.compact();
        return moved | engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
    }

    private static boolean work(SSLEngine engine) {
        boolean worked = false;
        Runnable task;
        while ((task = engine.getDelegatedTask()) != null) {
            task.run();
            worked = true;
        }
        return worked;
    }

    /** Sends a byte, so that both have encrypted and decrypted. */
    private static void carry(SSLEngine from, SSLEngine to, ByteBuffer over, Wire wire) throws SSLException {
        over.clear();
        from.wrap(wire.message.clear(), over);
        over.flip();
        wire.plain.clear();
        while (wire.plain.position() == 0 && over.hasRemaining()) {
            to.unwrap(over, wire.plain);
        }
        over.clear();
        if (wire.plain.position() != 1) {
            throw new SSLException("the byte did not arrive: " + to.getHandshakeStatus());
        }
    }
}

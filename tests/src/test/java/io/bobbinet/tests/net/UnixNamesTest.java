package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** UNIX sockets whose names are not in the file system, unix(7). */
@OnEachBackend(having = Capability.UNIX_ABSTRACT)
@DisplayName("UnixNamesTest")
@Timeout(30)
class UnixNamesTest {
    private static UnixAddress name() {
        return UnixAddress.ofAbstract("bobbinet-" + ProcessHandle.current().pid() + "-" + new Random().nextLong());
    }

    private static void assertConnects(UnixListener listener, UnixAddress address) throws IOException {
        try (UnixStream client = Unix.connector(address).connect();
                UnixStream server = listener.accept()) {
            client.send(bytes("hello"));
            assertThat(text(server.receive())).isEqualTo("hello");
            server.send(bytes("olleh"));
            assertThat(text(client.receive())).isEqualTo("olleh");
            assertThat(client.peerAddress()).isEqualTo(address);
            assertThat(server.localAddress()).isEqualTo(address);
            assertThat(client.localAddress()).isEqualTo(UnixAddress.unnamed());
        }
    }

    @Test
    void anAbstractNameGoesAwayWithItsListener() throws IOException {
        UnixAddress address = name();
        for (int i = 0; i < 2; i++) {
            try (UnixListener listener = Unix.binder(address).listen()) {
                assertThat(listener.localAddress()).isEqualTo(address);
                assertConnects(listener, address);
            }
            assertFails(ConnectException.class, () -> Unix.connector(address).connect())
                    .hasMessageContaining(address.toString());
        }
    }

    @Test
    void aNameInUseIsRefused() throws IOException {
        UnixAddress address = name();
        try (UnixListener listener = Unix.binder(address).listen()) {
            assertFails(BindException.class, () -> Unix.binder(address).listen())
                    .hasMessageContaining(address.toString());
            assertConnects(listener, address);
        }
    }

    @Test
    void whatConcernsFilesIsWithoutEffectOnNames() throws IOException {
        UnixAddress address = name();
        try (UnixListener listener = Unix.binder(address)
                .withDeleteOnClose()
                .withPermissions(PosixFilePermissions.fromString("rw-------"))
                .listen()) {
            assertConnects(listener, address);
        }
    }

    @Test
    void aNameIsAnyBytes() throws IOException {
        byte[] name = bytes("bobbinet-" + ProcessHandle.current().pid() + "\0\u00ff\0" + new Random().nextLong());
        UnixAddress address = UnixAddress.ofAbstract(name);
        try (UnixListener listener = Unix.binder(address).listen()) {
            assertConnects(listener, address);
            assertThat(listener.localAddress().bytes()).isEqualTo(name);
        }
    }

    @Test
    void theSystemChoosesANameForAListenerWithoutOne() throws IOException {
        try (UnixListener one = Unix.binder(UnixAddress.unnamed()).listen();
                UnixListener two = Unix.binder(UnixAddress.unnamed()).listen()) {
            assertThat(one.localAddress().isAbstract()).isTrue();
            // unix(7): a name of five hexadecimal digits
            assertThat(text(one.localAddress().bytes())).matches("[0-9a-f]{5}");
            assertThat(two.localAddress()).isNotEqualTo(one.localAddress());
            assertConnects(one, one.localAddress());
            assertConnects(two, two.localAddress());
        }
    }

    @Test
    void pythonConnectsToOurNameAndWeToIts() throws Exception {
        UnixAddress ours = name();
        UnixAddress theirs = name();
        String program = """
            import socket, sys
            mine = socket.socket(socket.AF_UNIX)
            mine.bind('\\0' + sys.argv[2])
            mine.listen()
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect('\\0' + sys.argv[1])
                peer.sendall(b'from python')
                connection, _ = mine.accept()
                print(connection.recv(100).decode())
            """;
        try (UnixListener listener = Unix.binder(ours).listen();
                PeerProcess python = PeerProcess.start(
                        Peers.program("python3"), "-c", program, text(ours.bytes()), text(theirs.bytes()))) {
            try (UnixStream fromPython = listener.accept();
                    UnixStream toPython = Unix.connector(theirs).connect()) {
                assertThat(text(fromPython.receive())).isEqualTo("from python");
                toPython.send(bytes("from us"));
                assertThat(python.readLine()).isEqualTo("from us");
            }
            assertThat(python.awaitExit()).isZero();
        }
    }
}

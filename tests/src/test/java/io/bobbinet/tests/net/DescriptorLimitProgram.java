package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** Runs out of descriptors, in a JVM that may have few: {@link DescriptorLimitTest} starts it. */
final class DescriptorLimitProgram {
    private static final Path NOTHING = Path.of("/dev/null");

    /** What keeps descriptors from others. */
    private final Deque<FileInputStream> fillers = new ArrayDeque<>();

    private DescriptorLimitProgram() {}

    public static void main(String[] arguments) throws Exception {
        Backends.<Exception>using(arguments[0], () -> {
            // To load a class from a folder needs a descriptor, and so does the first line of a logger, which is no
            // concern of this test.
            System.getLogger("descriptors").log(System.Logger.Level.WARNING, "will be scarce");
            load(Path.of(arguments[1]));
            load(Path.of(arguments[2]));
            DescriptorLimitProgram program = new DescriptorLimitProgram();
            program.runAll(false);
            program.runAll(true);
            program.runAll(true);
        });
        System.out.println("passed");
    }

    private static void load(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.map(file -> folder.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .map(name -> name.replace(".class", "").replace('/', '.'))
                    .forEach(DescriptorLimitProgram::load);
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private void runAll(boolean scarce) throws Exception {
        long before = open();
        acceptSaysSoAndGoesOn(scarce);
        serveGoesOn(scarce);
        connectSaysSo(scarce);
        whatHasComeIsFound(scarce);
        if (Backends.current().capabilities().contains(Capability.DESCRIPTORS)) {
            messagesAreTruncated(scarce);
            plainReceivesTellOfTheLoss(scarce);
        }
        if (Backends.current().capabilities().contains(Capability.UNIX_DATAGRAM)) {
            datagramsAreTruncated(scarce);
            sendsWaitForAFullReceiver(scarce);
        }
        check(!scarce || open() == before, "descriptors leaked: " + before + " before, " + open() + " after");
    }

    private void acceptSaysSoAndGoesOn(boolean scarce) throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                Socket client = connect(listener)) {
            leave(0, scarce);
            try {
                listener.accept().close();
                check(!scarce, "accepted without a descriptor");
            } catch (IOException e) {
                check(isExhaustion(e), e.toString());
            }
            releaseAll();
            if (scarce) {
                try (TcpStream accepted = listener.accept()) {
                    client.getOutputStream().write('!');
                    check(text(accepted.receive()).equals("!"), "the connection does not work");
                }
            }
        }
    }

    private void serveGoesOn(boolean scarce) throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            TaskGroup.run(group -> {
                group.fork(() -> listener.serve(stream -> stream.send(stream.receive())));
                leave(1, scarce);
                try (TcpStream client =
                        Tcp.connect("127.0.0.1", listener.localAddress().getPort())) {
                    client.send(bytes("!"));
                    releaseAll();
                    check(text(client.receive()).equals("!"), "the connection was not served");
                }
                group.cancel("done");
            });
        }
    }

    private void connectSaysSo(boolean scarce) throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            leave(0, scarce);
            try {
                Tcp.connect("127.0.0.1", listener.localAddress().getPort()).close();
                check(!scarce, "connected without a descriptor");
            } catch (IOException e) {
                check(isExhaustion(e), e.toString());
            } finally {
                releaseAll();
            }
        }
    }

    private void whatHasComeIsFound(boolean scarce) throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                TcpStream client =
                        Tcp.connect("127.0.0.1", listener.localAddress().getPort());
                TcpStream accepted = listener.accept()) {
            leave(0, scarce);
            check(!CancelScope.withoutWaiting().run(accepted::awaitReceivable), "something has come");
            client.send(bytes("!"));
            boolean found = CancelScope.withoutWaiting().run(accepted::awaitReceivable);
            check(found || scarce, "it was not found");
            check(receiveNow(accepted).equals("!"), "it was not received");
            releaseAll();
        }
    }

    private static String receiveNow(ByteStream stream) throws IOException {
        return text(CancelScope.withoutWaiting().call(() -> stream.receive()).orElse(new byte[0]));
    }

    private void messagesAreTruncated(boolean scarce) throws IOException {
        try (StreamPair<UnixStream> pair = Unix.pair();
                UnixDescriptorStream sender = pair.left().withDescriptors();
                UnixDescriptorStream receiver = pair.right().withDescriptors()) {
            List<Descriptor> five = five();
            leave(2, scarce);
            sender.sendMessage(bytes("data"), five);
            try (UnixMessage message = receiver.receiveMessage(100)) {
                check(text(message.data()).equals("data"), "the bytes are not all there");
                check(message.isControlTruncated() == scarce, "truncated: " + message.isControlTruncated());
                check(message.descriptors().size() == (scarce ? 2 : 5), "came: " + message.descriptors());
            }
            releaseAll();
            sender.sendMessage(bytes("more"), five);
            try (UnixMessage message = receiver.receiveMessage(100)) {
                check(
                        !message.isControlTruncated() && message.descriptors().size() == 5,
                        "came: " + message.descriptors());
            }
            for (Descriptor descriptor : five) {
                descriptor.close();
            }
        }
    }

    private void plainReceivesTellOfTheLoss(boolean scarce) throws IOException {
        try (StreamPair<UnixStream> pair = Unix.pair();
                UnixDescriptorStream sender = pair.left().withDescriptors();
                UnixDescriptorStream receiver = pair.right().withDescriptors()) {
            List<Descriptor> five = five();
            leave(0, scarce);
            sender.sendMessage(bytes("data"), five);
            check(text(receiver.receive()).equals("data"), "the bytes are not all there");
            check(receiver.hasLostDescriptors() == scarce, "lost: " + receiver.hasLostDescriptors());
            releaseAll();
            List<Descriptor> taken = receiver.takeDescriptors();
            check(taken.size() == (scarce ? 0 : 5), "came: " + taken);
            for (Descriptor descriptor : taken) {
                descriptor.close();
            }
            for (Descriptor descriptor : five) {
                descriptor.close();
            }
        }
    }

    private void datagramsAreTruncated(boolean scarce) throws IOException {
        try (UnixDatagramSocket receiver =
                        UnixDatagram.binder(UnixAddress.unnamed()).bind();
                UnixDatagramSocket sender = UnixDatagram.open()) {
            List<Descriptor> five = five();
            leave(2, scarce);
            for (int i = 0; i < 2; i++) {
                sender.sendMessage(bytes("data"), five, receiver.localAddress());
            }
            try (UnixMessage message = receiver.receiveMessage(100)) {
                check(text(message.data()).equals("data"), "the bytes are not all there");
                check(message.isControlTruncated() == scarce, "truncated: " + message.isControlTruncated());
                check(!message.isTruncated(), "the bytes are truncated");
                check(message.descriptors().size() == (scarce ? 2 : 5), "came: " + message.descriptors());
            }
            leave(0, scarce);
            check(text(receiver.receive().data()).equals("data"), "the bytes are not all there");
            releaseAll();
            for (Descriptor descriptor : five) {
                descriptor.close();
            }
        }
    }

    /** A wait for another socket takes a descriptor, and goes on without one. */
    private void sendsWaitForAFullReceiver(boolean scarce) throws IOException {
        try (UnixDatagramSocket receiver =
                        UnixDatagram.binder(UnixAddress.unnamed()).bind();
                UnixDatagramSocket sender = UnixDatagram.open()) {
            TaskGroup.run(group -> {
                leave(0, scarce);
                Task<?> sending = group.fork(() -> {
                    for (int i = 0; i < 100; i++) {
                        sender.send(bytes("" + i), receiver.localAddress());
                    }
                });
                while (sending.waitsAt().isEmpty()) {
                    Thread.onSpinWait();
                }
                for (int i = 0; i < 100; i++) {
                    String received = text(receiver.receive().data());
                    check(received.equals("" + i), received + " came instead of " + i);
                }
                sending.join();
                releaseAll();
            });
        }
    }

    private static List<Descriptor> five() throws IOException {
        List<Descriptor> five = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            five.add(Descriptor.open(NOTHING));
        }
        return five;
    }

    private static Socket connect(TcpListener listener) throws IOException {
        return new Socket(
                InetAddress.ofLiteral("127.0.0.1"), listener.localAddress().getPort());
    }

    // -- descriptors

    /** Uses up all descriptors but some. */
    private void leave(int count, boolean scarce) throws IOException {
        if (!scarce) {
            return;
        }
        try {
            while (true) {
                fillers.push(new FileInputStream(NOTHING.toFile()));
            }
        } catch (IOException e) {
            check(isExhaustion(e), e.toString());
        }
        for (int i = 0; i < count; i++) {
            fillers.pop().close();
        }
    }

    private void releaseAll() throws IOException {
        while (!fillers.isEmpty()) {
            fillers.pop().close();
        }
    }

    private static boolean isExhaustion(Throwable failure) {
        boolean found = false;
        for (Throwable t = failure; t != null && !found; t = t.getCause()) {
            found = String.valueOf(t.getMessage()).contains("Too many open files");
            for (Throwable suppressed : t.getSuppressed()) {
                found |= isExhaustion(suppressed);
            }
        }
        return found;
    }

    private static long open() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    private static void check(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}

package io.bobbinet.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.ControlRefusedException;
import io.bobbinet.spi.DescriptorFacts;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.Descriptors;
import io.bobbinet.spi.HandlePair;
import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.SystemMessage;
import io.bobbinet.spi.SystemOptions;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Descriptors: sent and received, adopted, waited for. */
final class DescriptorChecks {
    private static final int MOST = 253;

    private DescriptorChecks() {}

    static void addTo(BackendContract contract) {
        contract.addForDescriptors("descriptorsTravelBothWays", DescriptorChecks::descriptorsTravelBothWays);
        contract.addForDescriptors("messageOfNoBytesTakesDescriptors", DescriptorChecks::messageOfNoBytes);
        contract.addForDescriptors("messagesEndBehindDescriptors", DescriptorChecks::messagesEndBehindDescriptors);
        contract.addForDescriptors("plainReadDropsDescriptors", DescriptorChecks::plainReadDropsDescriptors);
        contract.addForDescriptors("manyDescriptorsTravelAndMoreDoNot", DescriptorChecks::manyDescriptors);
        contract.addForDescriptors("closedDescriptorIsNotSent", DescriptorChecks::closedDescriptorIsNotSent);
        contract.addForDescriptors("credentialsComeIfAskedFor", DescriptorChecks::credentialsComeIfAskedFor);
        contract.addForDescriptors("interruptLeavesMessagesUsable", DescriptorChecks::interruptLeavesMessagesUsable);
        contract.addForDescriptors("closeWakesMessages", DescriptorChecks::closeWakesMessages);
        contract.addForDescriptors("descriptorsReadAndWriteAndWait", DescriptorChecks::descriptorsReadAndWrite);
        contract.addForDescriptors("descriptorsAreReleasedAndAdopted", DescriptorChecks::releasedAndAdopted);
        contract.addForDescriptors("foreignDescriptorsAreWaitedFor", DescriptorChecks::foreignWaits);
        contract.addForDescriptors("foreignWaitsEndEarly", DescriptorChecks::foreignWaitsEndEarly);
    }

    private static HandlePair pair(Setting s) throws IOException {
        HandlePair pair = s.backend.openPair();
        s.keep(pair.first()::close);
        s.keep(pair.second()::close);
        return pair;
    }

    private static DescriptorHandle keep(Setting s, DescriptorHandle descriptor) {
        s.keep(descriptor::close);
        return descriptor;
    }

    private static DescriptorHandle file(Setting s, String content) throws IOException {
        UnixDomainSocketAddress free = (UnixDomainSocketAddress) s.freeAddress();
        Set<StandardOpenOption> options =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        DescriptorHandle file = keep(s, s.backend.descriptors().open(free.getPath(), options));
        file.write(bytes(content), 0);
        return file;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String contentOf(DescriptorHandle file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        int unused = file.read(buffer, 0);
        return UTF_8.decode(buffer.flip()).toString();
    }

    private static ControlData beside(DescriptorHandle... descriptors) {
        return new ControlData(List.of(descriptors), List.of(), false);
    }

    private static void send(StreamHandle from, String text, ControlData beside)
            throws IOException, InterruptedException {
        ByteBuffer source = bytes(text);
        int size = source.remaining();
        Expect.value(from.sendMessage(source, beside), size, "What a small message sends");
        Expect.value(source.remaining(), 0, "What remains of it");
    }

    /** One message: its bytes, and so many descriptors, which are kept. */
    private static List<DescriptorHandle> expect(Setting s, StreamHandle at, int max, String text, int descriptors)
            throws IOException, InterruptedException {
        SystemMessage message = at.receiveMessage(max);
        message.control().descriptors().forEach(d -> keep(s, d));
        Expect.that(!message.end(), "The end came instead of " + text);
        Expect.value(new String(message.data(), UTF_8), text, "The bytes of the message");
        Expect.value(message.control().descriptors().size(), descriptors, "How many descriptors came with " + text);
        Expect.that(!message.control().truncated(), "Nothing was lost, and the message says so");
        return message.control().descriptors();
    }

    private static void descriptorsTravelBothWays(Setting s) throws IOException, InterruptedException {
        HandlePair pair = pair(s);
        DescriptorHandle one = file(s, "one");
        DescriptorHandle two = file(s, "two");
        send(pair.first(), "x", beside(one, two));
        List<DescriptorHandle> came = expect(s, pair.second(), 10, "x", 2);
        Expect.value(contentOf(came.get(0)), "one", "The first descriptor");
        Expect.value(contentOf(came.get(1)), "two", "The second descriptor");
        Expect.that(one.isOpen() && two.isOpen(), "What is sent stays the sender's");
        one.close();
        send(pair.second(), "yz", beside(came.get(0)));
        Expect.value(contentOf(expect(s, pair.first(), 10, "yz", 1).getFirst()), "one", "What went back");
        send(pair.first(), "plain", ControlData.NONE);
        expect(s, pair.second(), 10, "plain", 0);
        pair.first().shutdownWrite();
        Expect.that(pair.second().receiveMessage(10).end(), "The end is a message that says so");
        Expect.that(pair.second().receiveMessage(0).end(), "Also if no bytes are asked for");
    }

    private static void messageOfNoBytes(Setting s) throws IOException, InterruptedException {
        HandlePair pair = pair(s);
        send(pair.first(), "abc", beside(file(s, "some")));
        Expect.value(contentOf(expect(s, pair.second(), 0, "", 1).getFirst()), "some", "The descriptor");
        expect(s, pair.second(), 2, "ab", 0);
        expect(s, pair.second(), 10, "c", 0);
    }

    /** Bytes before the descriptors may come with them, bytes behind them do not, nor other descriptors. */
    private static void messagesEndBehindDescriptors(Setting s) throws IOException, InterruptedException {
        HandlePair pair = pair(s);
        send(pair.first(), "a", beside(file(s, "1")));
        send(pair.first(), "b", beside(file(s, "2"), file(s, "3")));
        send(pair.first(), "c", ControlData.NONE);
        Expect.value(contentOf(expect(s, pair.second(), 10, "a", 1).getFirst()), "1", "The first descriptor");
        Expect.value(contentOf(expect(s, pair.second(), 10, "b", 2).getLast()), "3", "The last descriptor");
        expect(s, pair.second(), 10, "c", 0);
    }

    private static void plainReadDropsDescriptors(Setting s) throws IOException, InterruptedException {
        HandlePair pair = pair(s);
        send(pair.first(), "ab", beside(file(s, "1")));
        Expect.value(pair.second().read(10), new byte[] {'a', 'b'}, "What a plain read gives");
        send(pair.first(), "c", ControlData.NONE);
        expect(s, pair.second(), 10, "c", 0);
    }

    private static void manyDescriptors(Setting s) throws IOException, InterruptedException {
        HandlePair pair = pair(s);
        DescriptorHandle file = file(s, "many");
        ControlData tooMany = new ControlData(Collections.nCopies(MOST + 1, file), List.of(), false);
        ByteBuffer source = bytes("refused");
        Expect.failure(ControlRefusedException.class, () -> pair.first().sendMessage(source, tooMany));
        Expect.value(source.position(), 0, "The position after a refused message");
        send(pair.first(), "x", new ControlData(Collections.nCopies(MOST, file), List.of(), false));
        List<DescriptorHandle> came = expect(s, pair.second(), 10, "x", MOST);
        Expect.value(contentOf(came.getLast()), "many", "The last descriptor");
    }

    private static void closedDescriptorIsNotSent(Setting s) throws IOException, InterruptedException {
        HandlePair pair = pair(s);
        DescriptorHandle closed = file(s, "closed");
        closed.close();
        DescriptorHandle open = file(s, "open");
        Expect.failure(ControlRefusedException.class, () -> pair.first().sendMessage(bytes("x"), beside(open, closed)));
        send(pair.first(), "y", beside(open));
        expect(s, pair.second(), 10, "y", 1);
        open.close(); // and is not held by the message that failed
    }

    private static void credentialsComeIfAskedFor(Setting s) throws IOException, InterruptedException {
        HandlePair pair = pair(s);
        ProcessCredentials own = pair.first().peerCredentials();
        Expect.value((long) own.pid(), ProcessHandle.current().pid(), "The process of the peer");
        send(pair.first(), "a", ControlData.NONE);
        Expect.value(pair.second().receiveMessage(10).control().credentials(), List.of(), "What nobody asked for");
        pair.second().setOption(SystemOptions.PASS_CREDENTIALS, true);
        send(pair.first(), "b", ControlData.NONE);
        Expect.value(
                pair.second().receiveMessage(10).control().credentials(),
                List.of(own),
                "The credentials of the sender");
        send(pair.first(), "c", new ControlData(List.of(), List.of(own), false));
        Expect.value(pair.second().receiveMessage(10).control().credentials(), List.of(own), "Those that were sent");
    }

    private static Background<Boolean> blocked(Setting s, ThrowingRunnable<?> wait) {
        Background<Boolean> waiter = s.start(() -> {
            wait.run();
            return true;
        });
        waiter.awaitBlocked();
        return waiter;
    }

    private static Background<Boolean> fullOf(Setting s, StreamHandle handle, byte[] chunk, int[] sent) {
        return blocked(s, () -> {
            while (true) {
                sent[0] += handle.sendMessage(ByteBuffer.wrap(chunk), ControlData.NONE);
            }
        });
    }

    private static void interruptLeavesMessagesUsable(Setting s) throws IOException, InterruptedException {
        HandlePair pair = pair(s);
        Background<Boolean> receiver = blocked(s, () -> pair.second().receiveMessage(10));
        receiver.interrupt();
        receiver.failure(InterruptedException.class);
        send(pair.first(), "x", beside(file(s, "1")));
        expect(s, pair.second(), 10, "x", 1);

        int[] sent = new int[1];
        Background<Boolean> sender = fullOf(s, pair.first(), new byte[10_000], sent);
        sender.interrupt();
        sender.failure(InterruptedException.class);
        DescriptorHandle file = file(s, "late");
        Background<Boolean> waiting = blocked(s, () -> send(pair.first(), "y", beside(file)));
        waiting.interrupt();
        waiting.failure(InterruptedException.class);
        for (int left = sent[0]; left > 0; ) {
            SystemMessage message = pair.second().receiveMessage(left);
            Expect.value(message.control().descriptors().size(), 0, "Descriptors of the message that was not sent");
            left -= message.data().length;
        }
        send(pair.first(), "z", beside(file));
        expect(s, pair.second(), 10, "z", 1);
    }

    private static void closeWakesMessages(Setting s) throws IOException {
        HandlePair pair = pair(s);
        Background<Boolean> receiver = blocked(s, () -> pair.first().receiveMessage(10));
        Background<Boolean> sender = fullOf(s, pair.first(), new byte[10_000], new int[1]);
        pair.first().close();
        receiver.failure(ClosedChannelException.class);
        sender.failure(ClosedChannelException.class);
        Expect.failure(ClosedChannelException.class, () -> pair.first().receiveMessage(10));
        Expect.failure(ClosedChannelException.class, () -> pair.first().sendMessage(bytes("x"), ControlData.NONE));
    }

    private static void descriptorsReadAndWrite(Setting s) throws IOException, InterruptedException {
        HandlePair pair = pair(s);
        DescriptorHandle one = keep(s, pair.first().duplicate());
        DescriptorHandle two = keep(s, pair.second().duplicate());
        Expect.value(one.facts().kind(), DescriptorFacts.Kind.UNIX_STREAM, "The kind of a socket");
        Expect.value(one.facts().state(), DescriptorFacts.State.CONNECTED, "The state of one end of a pair");
        pair.first().close();
        pair.second().close();
        Background<Boolean> interrupted = blocked(s, () -> two.read(ByteBuffer.allocate(10)));
        interrupted.interrupt();
        interrupted.failure(InterruptedException.class);
        Background<Boolean> reader = blocked(s, () -> {
            ByteBuffer target = ByteBuffer.allocate(10);
            Expect.value(two.read(target), 2, "How much came");
            Expect.value(UTF_8.decode(target.flip()).toString(), "ab", "What came");
        });
        Expect.value(one.write(bytes("ab")), 2, "How much went");
        reader.value();
        Background<Boolean> closed = blocked(s, () -> two.read(ByteBuffer.allocate(10)));
        two.close();
        closed.failure(ClosedChannelException.class);
        Expect.failure(ClosedChannelException.class, () -> two.read(ByteBuffer.allocate(10)));
    }

    private static void releasedAndAdopted(Setting s) throws IOException, InterruptedException {
        Descriptors descriptors = s.backend.descriptors();
        HandlePair pair = pair(s);
        DescriptorHandle copy = pair.first().duplicate();
        pair.first().close();
        int number = copy.release();
        Expect.that(!copy.isOpen(), "A released descriptor counts as closed");
        Expect.failure(ClosedChannelException.class, copy::release);
        copy.close();
        DescriptorHandle adopted = keep(s, descriptors.adopt(number));
        Expect.value(adopted.number(), number, "The number of the adopted descriptor");
        StreamHandle stream = descriptors.adoptStream(adopted);
        s.keep(stream::close);
        Expect.that(!adopted.isOpen(), "The stream owns the descriptor now");
        stream.write(bytes("a"));
        Expect.value(pair.second().read(10), new byte[] {'a'}, "What the adopted stream sent");
        Expect.failure(IOException.class, () -> descriptors.adopt(-1));
    }

    private static void foreignWaits(Setting s) throws IOException, InterruptedException {
        Descriptors descriptors = s.backend.descriptors();
        HandlePair pair = pair(s);
        int number = keep(s, pair.second().duplicate()).number();
        descriptors.awaitWritable(number);
        Background<Boolean> reader = blocked(s, () -> descriptors.awaitReadable(number));
        Expect.failure(IllegalStateException.class, () -> descriptors.awaitReadable(number));
        descriptors.awaitWritable(number);
        Expect.that(!reader.isDone(), "The wait for one direction ends that for the other");
        pair.first().write(bytes("a"));
        reader.value();
        descriptors.awaitReadable(number);
        Expect.value(pair.second().read(10), new byte[] {'a'}, "What was waited for");
        DescriptorHandle file = file(s, "always ready");
        Expect.failure(FileSystemException.class, () -> descriptors.awaitReadable(file.number()));
        Expect.failure(IOException.class, () -> descriptors.awaitWritable(-1));
    }

    private static void foreignWaitsEndEarly(Setting s) throws IOException, InterruptedException {
        Descriptors descriptors = s.backend.descriptors();
        HandlePair pair = pair(s);
        int number = keep(s, pair.second().duplicate()).number();
        Background<Boolean> first = blocked(s, () -> descriptors.awaitReadable(number));
        first.interrupt();
        first.failure(InterruptedException.class);
        Background<Boolean> second = blocked(s, () -> descriptors.awaitReadable(number));
        descriptors.notifyClosing(number);
        second.failure(AsynchronousCloseException.class);
        descriptors.notifyClosing(number);
        Background<Boolean> third = blocked(s, () -> descriptors.awaitReadable(number));
        pair.first().close();
        third.value();
    }
}

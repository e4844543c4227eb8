package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryObjectStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MemoryObjectStreamTest {

    @Test
    @Tag("smoke")
    void whatOneEndSendsTheOtherReceives() throws IOException {
        var pair = MemoryObjectStream.<String>pair(2);
        pair.left().send("one");
        pair.left().send("two");
        pair.right().send("back");

        assertThat(pair.right().receive()).isEqualTo("one");
        assertThat(pair.right().receive()).isEqualTo("two");
        assertThat(pair.left().receive()).isEqualTo("back");
    }

    @Test
    void closingLetsThePeerReceiveTheRestAndThenTheEnd() throws IOException {
        var pair = MemoryObjectStream.<String>pair(2);
        pair.left().send("rest");
        pair.left().close();

        assertThat(pair.right().receive()).isEqualTo("rest");
        fails(EndOfStreamException.class, () -> pair.right().receive());
        fails(BrokenResourceException.class, () -> pair.right().send("x"));
        fails(EndOfStreamException.class, () -> pair.right().receive());
    }

    @Test
    void aBrokenPipeSeenByASendIsNoOrderlyEndForReceives() throws IOException {
        var pair = MemoryObjectStream.<String>pair(1);
        pair.right().send("rest");
        pair.right().close();
        fails(BrokenResourceException.class, () -> pair.left().send("x"));

        assertThat(pair.left().receive()).isEqualTo("rest");
        fails(BrokenResourceException.class, () -> pair.left().receive());
    }

    @Test
    void sendEofEndsOneDirectionOnly() throws IOException {
        var pair = MemoryObjectStream.<String>pair(1);
        pair.left().sendEof();
        pair.left().sendEof();

        fails(EndOfStreamException.class, () -> pair.right().receive());
        fails(ClosedResourceException.class, () -> pair.left().send("x"));
        pair.right().send("still");
        assertThat(pair.left().receive()).isEqualTo("still");
    }

    @Test
    void closeWakesItsOwnBlockedCalls() throws IOException {
        var pair = MemoryObjectStream.<String>pair(0);
        TaskGroup.run(group -> {
            Task<Void> receive = group.fork(
                    () -> fails(ClosedResourceException.class, () -> pair.left().receive()));
            Task<Void> send = group.fork(
                    () -> fails(ClosedResourceException.class, () -> pair.left().send("x")));
            Blocked.await(receive);
            Blocked.await(send);
            pair.left().close();
        });
        fails(ClosedResourceException.class, () -> pair.left().sendEof());
    }

    @Test
    void aSecondReceiverOrSenderIsBusy() throws IOException {
        var pair = MemoryObjectStream.<String>pair(0);
        TaskGroup.run(group -> {
            Task<String> receive = group.fork(() -> pair.left().receive());
            Task<Void> send = group.fork(() -> pair.left().send("x"));
            Blocked.await(receive);
            Blocked.await(send);

            fails(BusyResourceException.class, () -> pair.left().receive());
            fails(BusyResourceException.class, () -> pair.left().send("y"));
            fails(BusyResourceException.class, () -> pair.left().sendEof());
            assertThat(pair.right().receive()).isEqualTo("x");
            pair.right().send("z");
            assertThat(receive.join()).isEqualTo("z");
        });
    }

    @Test
    void inACancelledScopeNothingHappens() throws IOException {
        var pair = MemoryObjectStream.<String>pair(1);
        pair.left().send("there");
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> {
            fails(CancelledException.class, () -> pair.right().receive());
            fails(CancelledException.class, () -> pair.right().send("x"));
            fails(CancelledException.class, () -> pair.left().sendEof());
        });
        assertThat(pair.right().receive()).isEqualTo("there");
        pair.left().send("more");
        assertThat(pair.right().receive()).isEqualTo("more");
    }
}

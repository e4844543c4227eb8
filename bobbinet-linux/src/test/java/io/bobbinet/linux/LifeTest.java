package io.bobbinet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.HandlePair;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Numbers of descriptors are given back once, and whoever fails inside of a call has left it. */
@Timeout(30)
class LifeTest {
    private final LinuxBackend backend = new LinuxBackend();

    private static int descriptor() {
        return Libc.socket(Constants.AF_UNIX, Constants.SOCK_STREAM | Constants.SOCK_CLOEXEC, 0);
    }

    private static boolean isOpen(int fd) {
        return Libc.fcntl(fd, Constants.F_GETFD, 0) >= 0;
    }

    @Test
    void ofSeveralClosersUnderACallOneCloses() throws Exception {
        int fd = descriptor();
        LinuxDescriptor descriptor = new LinuxDescriptor(fd);
        descriptor.enter();
        List<FutureTask<Boolean>> closers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            FutureTask<Boolean> closer = new FutureTask<>(() -> {
                descriptor.close();
                return true;
            });
            closers.add(closer);
            threads.add(Thread.ofPlatform().daemon().start(closer));
        }
        for (Thread thread : threads) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.yield();
            }
        }
        assertThat(isOpen(fd)).isTrue();
        descriptor.leave();
        for (FutureTask<Boolean> closer : closers) {
            assertThat(closer.get()).isTrue(); // and no number was closed that was not its own any more
        }
        assertThat(isOpen(fd)).isFalse();
    }

    @Test
    void whatWasReleasedIsNotClosed() throws IOException {
        LinuxDescriptor descriptor = new LinuxDescriptor(descriptor());
        int fd = descriptor.release();
        descriptor.close();
        assertThat(isOpen(fd)).isTrue();
        assertThatThrownBy(descriptor::release).isInstanceOf(ClosedChannelException.class);
        FileCalls.close(fd);
    }

    @Test
    void aBufferThatIsGoneLeavesAHandleThatCanBeClosed() throws Exception {
        ByteBuffer gone;
        try (Arena arena = Arena.ofShared()) {
            gone = arena.allocate(16).asByteBuffer();
        }
        HandlePair pair = backend.openPair();
        assertThatThrownBy(() -> pair.first().read(gone)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pair.first().write(gone)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pair.first().sendMessage(gone, ControlData.NONE))
                .isInstanceOf(IllegalStateException.class);
        pair.second().write(ByteBuffer.wrap(new byte[] {1}));
        assertThat(pair.first().read(10)).containsExactly(1);
        assertThatCode(pair.first()::close).doesNotThrowAnyException();
        pair.second().close();
    }
}

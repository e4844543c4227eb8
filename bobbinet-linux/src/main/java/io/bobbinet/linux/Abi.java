package io.bobbinet.linux;

/** Where the two processors differ. All else is the same on both, and so is the byte order. */
final class Abi {
    private static final boolean X86_64 = System.getProperty("os.arch", "").equals("amd64");

    // struct epoll_event of <sys/epoll.h>: packed on x86-64 alone.
    static final int EPOLL_EVENT_SIZE = X86_64 ? 12 : 16;
    static final int EPOLL_EVENT_DATA = X86_64 ? 4 : 8;

    // <asm/fcntl.h>
    static final int O_NOFOLLOW = X86_64 ? 0400000 : 0100000;

    private Abi() {}

    static boolean isKnown(String processor) {
        return processor.equals("amd64") || processor.equals("aarch64");
    }
}

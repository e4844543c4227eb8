package io.bobbinet.linux;

/** Where the parts of messages are, sendmsg(2), cmsg(3); both processors have them alike. */
final class MessageLayout {
    // struct msghdr of <sys/socket.h>
    static final int MSG_NAME = 0;
    static final int MSG_NAMELEN = 8;
    static final int MSG_IOV = 16;
    static final int MSG_IOVLEN = 24;
    static final int MSG_CONTROL = 32;
    static final int MSG_CONTROLLEN = 40;
    static final int MSG_FLAGS = 48;
    static final int HEADER_SIZE = 56;

    // struct mmsghdr: a header, and then how many bytes were received or sent
    static final int MSG_LEN = 56;
    static final int ENTRY_SIZE = 64;

    // struct iovec
    static final int IOV_BASE = 0;
    static final int IOV_LEN = 8;
    static final int IOVEC_SIZE = 16;

    // struct cmsghdr: the length, which is that of the whole, level, type; then the data
    static final int CMSG_LEVEL = 8;
    static final int CMSG_TYPE = 12;
    static final int CMSG_DATA = 16;

    private MessageLayout() {}

    /** The place after a control message of a size. */
    static long aligned(long size) {
        return (size + 7) & ~7L;
    }
}

package io.bobbinet.linux;

import static io.bobbinet.linux.MessageLayout.CMSG_DATA;
import static io.bobbinet.linux.MessageLayout.CMSG_LEVEL;
import static io.bobbinet.linux.MessageLayout.CMSG_TYPE;
import static io.bobbinet.linux.MessageLayout.aligned;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** Goes over the control messages that a call has received, cmsg(3). One that was cut ends where the room did. */
final class ControlWalk {
    private final MemorySegment control;
    private final long end;
    private long at;
    private long dataEnd;
    private long following;

    ControlWalk(MemorySegment control, long begin, long end) {
        this.control = control;
        this.end = end;
        following = begin;
    }

    /** Goes to the next one, and gives whether there is one. */
    boolean next() {
        if (following + CMSG_DATA > end || control.get(JAVA_LONG, following) < CMSG_DATA) {
            return false;
        }
        at = following;
        following = at + aligned(control.get(JAVA_LONG, at));
        dataEnd = Math.min(at + control.get(JAVA_LONG, at), end);
        return true;
    }

    boolean is(int level, int type) {
        return level() == level && type() == type;
    }

    int level() {
        return control.get(JAVA_INT, at + CMSG_LEVEL);
    }

    int type() {
        return control.get(JAVA_INT, at + CMSG_TYPE);
    }

    /** Whether so many bytes of data have come. */
    boolean has(long size) {
        return at + CMSG_DATA + size <= dataEnd;
    }

    /** As many bytes of data as have come. */
    MemorySegment data() {
        return control.asSlice(at + CMSG_DATA, dataEnd - at - CMSG_DATA);
    }

    /** The first of the data. */
    int number() {
        return control.get(JAVA_INT, at + CMSG_DATA);
    }
}

package io.bobbinet.testkit;

/** What befalls a datagram on its way; see {@link MemoryDatagrams}. */
public enum DatagramFault {
    /** It comes as it was sent. */
    NONE,
    /** It does not come. */
    LOST,
    /** It comes twice. */
    DOUBLED,
    /** It comes after the next one that comes. */
    OVERTAKEN,
    /** Its second half is cut off, the larger one. */
    CUT
}

package io.bobbinet.msgpack;

/** What a first byte of a MessagePack value says: the table of formats in the specification. */
enum Format {
    POSITIVE_FIXINT(0x00, 0, Content.BYTES, 0),
    FIXMAP(0x80, 0, Content.PAIRS, 0x0F),
    FIXARRAY(0x90, 0, Content.VALUES, 0x0F),
    FIXSTR(0xA0, 0, Content.BYTES, 0x1F),
    NIL(0xC0, 0),
    NEVER_USED(0xC1, 0),
    FALSE(0xC2, 0),
    TRUE(0xC3, 0),
    BIN8(0xC4, 1, Content.BYTES),
    BIN16(0xC5, 2, Content.BYTES),
    BIN32(0xC6, 4, Content.BYTES),
    EXT8(0xC7, 1, Content.EXTENSION),
    EXT16(0xC8, 2, Content.EXTENSION),
    EXT32(0xC9, 4, Content.EXTENSION),
    FLOAT32(0xCA, 4),
    FLOAT64(0xCB, 8),
    UINT8(0xCC, 1),
    UINT16(0xCD, 2),
    UINT32(0xCE, 4),
    UINT64(0xCF, 8),
    INT8(0xD0, 1),
    INT16(0xD1, 2),
    INT32(0xD2, 4),
    INT64(0xD3, 8),
    FIXEXT1(0xD4, 0, Content.EXTENSION, 1),
    FIXEXT2(0xD5, 0, Content.EXTENSION, 2),
    FIXEXT4(0xD6, 0, Content.EXTENSION, 4),
    FIXEXT8(0xD7, 0, Content.EXTENSION, 8),
    FIXEXT16(0xD8, 0, Content.EXTENSION, 16),
    STR8(0xD9, 1, Content.BYTES),
    STR16(0xDA, 2, Content.BYTES),
    STR32(0xDB, 4, Content.BYTES),
    ARRAY16(0xDC, 2, Content.VALUES),
    ARRAY32(0xDD, 4, Content.VALUES),
    MAP16(0xDE, 2, Content.PAIRS),
    MAP32(0xDF, 4, Content.PAIRS),
    NEGATIVE_FIXINT(0xE0, 0, Content.BYTES, 0);

    /** What a length counts. */
    enum Content {
        BYTES,
        EXTENSION,
        VALUES,
        PAIRS
    }

    private static final Format[] BY_FIRST = new Format[256];

    static {
        for (Format format : values()) {
            // A format has all first bytes up to that of the next one.
            for (int first = format.first; first < BY_FIRST.length; first++) {
                BY_FIRST[first] = format;
            }
        }
    }

    private final int first;
    private final int lengthBytes;
    private final Content content;

    /** The length of those that have none in bytes of its own: in these bits of the first byte, or fixed. */
    private final int fixed;

    /** A value of some bytes, and no length. */
    Format(int first, int bytes) {
        this(first, 0, Content.BYTES, bytes);
    }

    Format(int first, int lengthBytes, Content content) {
        this(first, lengthBytes, content, 0);
    }

    Format(int first, int lengthBytes, Content content, int fixed) {
        this.first = first;
        this.lengthBytes = lengthBytes;
        this.content = content;
        this.fixed = fixed;
    }

    static Format of(byte first) {
        return BY_FIRST[first & 0xFF];
    }

    int first() {
        return first;
    }

    /** How many bytes behind the first one are a length. */
    int lengthBytes() {
        return lengthBytes;
    }

    Content content() {
        return content;
    }

    /** Of those that have their length in the first byte: the bits of it, and so the largest length. */
    int mask() {
        return fixed;
    }

    /** The length, if no bytes behind the first one are one. */
    int length(byte firstByte) {
        return switch (this) {
            case FIXMAP, FIXARRAY, FIXSTR -> firstByte & fixed;
            default -> fixed;
        };
    }
}

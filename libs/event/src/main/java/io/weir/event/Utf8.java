package io.weir.event;

/** Writes code points as UTF-8. */
final class Utf8 {

    private Utf8() {}

    /** Writes the code point, which is no surrogate, at that place and returns the place behind it. */
    static int encode(int code, byte[] out, int at) {
        int to = at;
        if (code < 0x80) {
            out[to++] = (byte) code;
        } else if (code < 0x800) {
            out[to++] = (byte) (0xc0 | code >> 6);
            out[to++] = (byte) (0x80 | code & 0x3f);
        } else if (code < 0x10000) {
            out[to++] = (byte) (0xe0 | code >> 12);
            out[to++] = (byte) (0x80 | code >> 6 & 0x3f);
            out[to++] = (byte) (0x80 | code & 0x3f);
        } else {
            out[to++] = (byte) (0xf0 | code >> 18);
            out[to++] = (byte) (0x80 | code >> 12 & 0x3f);
            out[to++] = (byte) (0x80 | code >> 6 & 0x3f);
            out[to++] = (byte) (0x80 | code & 0x3f);
        }
        return to;
    }
}

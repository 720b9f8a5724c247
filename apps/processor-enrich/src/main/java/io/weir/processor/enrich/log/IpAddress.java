package io.weir.processor.enrich.log;

import io.weir.event.Field;

/** The textual forms of IP addresses: dotted decimal, and RFC 4291 with an optional zone. */
final class IpAddress {
    private IpAddress() {}

    static boolean matches(byte[] b, int from, int to) {
        return to - from <= Field.CLIENT_IP.maxBytes() && (isVersion4(b, from, to) || isVersion6(b, from, to));
    }

    /** Whether the text ends with a colon and a port, as a virtual host does in a log. */
    static boolean hasPort(byte[] b, int from, int to) {
        int i = to;
        while (i > from && b[i - 1] >= '0' && b[i - 1] <= '9') {
            i--;
        }
        return i < to && to - i <= 5 && i - 1 > from && b[i - 1] == ':';
    }

    private static boolean isVersion4(byte[] b, int from, int to) {
        int parts = 0;
        int number = -1;
        for (int i = from; i <= to; i++) {
            if (i == to || b[i] == '.') {
                if (number < 0) {
                    return false;
                }
                parts++;
                number = -1;
            } else {
                int digit = b[i] - '0';
                if (digit < 0 || digit > 9 || number == 0) {
                    return false;
                }
                number = Math.max(number, 0) * 10 + digit;
                if (number > 255) {
                    return false;
                }
            }
        }
        return parts == 4;
    }

    private static boolean isVersion6(byte[] b, int from, int to) {
        int end = to;
        for (int i = from; i < to; i++) {
            if (b[i] == '%') {
                end = i;
                break;
            }
        }
        int groups = 0;
        int compressed = 0;
        int i = from;
        if (end - from >= 2 && b[from] == ':' && b[from + 1] == ':') {
            compressed = 1;
            i += 2;
        }
        while (i < end) {
            int group = i;
            while (i < end && isHex(b[i])) {
                i++;
            }
            if (i < end && b[i] == '.') {
                groups += 2;
                return isVersion4(b, group, end) && isWhole(groups, compressed);
            }
            if (i == group || i - group > 4) {
                return false;
            }
            groups++;
            if (i == end) {
                break;
            }
            if (b[i] != ':') {
                return false;
            }
            i++;
            if (i == end) {
                return false;
            }
            if (b[i] == ':') {
                compressed++;
                i++;
            }
        }
        return isWhole(groups, compressed);
    }

    private static boolean isWhole(int groups, int compressed) {
        return compressed == 0 ? groups == 8 : compressed == 1 && groups < 8;
    }

    private static boolean isHex(byte b) {
        return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F');
    }
}

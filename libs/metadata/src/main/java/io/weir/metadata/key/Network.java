package io.weir.metadata.key;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A block of IP addresses, such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}. An IPv4-mapped IPv6 address counts as the IPv4 address. */
public final class Network {

    private static final String OCTET = "0*(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    // Only digits, hex and separators: InetAddress must never be made to ask a name server.
    private static final Pattern LITERAL = Pattern.compile(OCTET + "(\\." + OCTET + "){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*");

    private final byte[] prefix;
    private final int bits;

    private Network(byte[] prefix, int bits) {
        this.prefix = prefix;
        this.bits = bits;
    }

    /** @throws IllegalArgumentException if the text is neither an address nor a CIDR block */
    public static Network parse(String text) {
        String trimmed = text.strip();
        int slash = trimmed.indexOf('/');
        String address = slash < 0 ? trimmed : trimmed.substring(0, slash);
        try {
            byte[] bytes = address(address).orElseThrow(() -> notANetwork(text)).getAddress();
            int bits = slash < 0 ? bytes.length * 8 : Integer.parseInt(trimmed.substring(slash + 1));
            if (bits < 0 || bits > bytes.length * 8) {
                throw notANetwork(text);
            }
            return new Network(bytes, bits);
        } catch (NumberFormatException e) {
            throw notANetwork(text);
        }
    }

    /** The address that stands there, of any kind; empty if it is none, such as a host's name. */
    public static Optional<InetAddress> address(String text) {
        if (!LITERAL.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** The blocks of a comma-separated list; none for an empty one. */
    public static List<Network> parseList(String list) {
        return Arrays.stream(list.split(","))
                .filter(block -> !block.isBlank())
                .map(Network::parse)
                .toList();
    }

    /** Whether the address lies in this block. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != prefix.length) {
            return false;
        }
        int whole = bits / 8;
        for (int i = 0; i < whole; i++) {
            if (bytes[i] != prefix[i]) {
                return false;
            }
        }
        int rest = bits % 8;
        return rest == 0 || ((bytes[whole] ^ prefix[whole]) & (0xff00 >> rest) & 0xff) == 0;
    }

    private static IllegalArgumentException notANetwork(String text) {
        return new IllegalArgumentException("'" + text + "' is not an IP address or a CIDR block such as 10.0.0.0/8");
    }
}

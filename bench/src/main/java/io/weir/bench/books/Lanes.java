package io.weir.bench.books;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Which lane of the load an event belongs to, told by its id or by its source; so that what clients of one behaviour sent
 * can be counted apart.
 *
 * @param lanes the first that fits counts; what fits none belongs to {@link #OTHERS}
 */
public record Lanes(List<Lane> lanes) {

    public static final String OTHERS = "others";

    /**
     * One lane.
     *
     * @param idPrefix of its ids; empty if its ids are not known in advance
     * @param source of its events; empty if any
     */
    public record Lane(String name, String idPrefix, String source) {}

    public static final Lanes NONE = new Lanes(List.of());

    /** The lane of an event. */
    public String of(byte[] id, int offset, int length, byte[] source, int sourceOffset, int sourceLength) {
        for (Lane lane : lanes) {
            if (startsWith(id, offset, length, lane.idPrefix)
                    && (lane.source.isEmpty()
                            || lane.source.length() == sourceLength
                                    && startsWith(source, sourceOffset, sourceLength, lane.source))) {
                return lane.name;
            }
        }
        return OTHERS;
    }

    private static boolean startsWith(byte[] bytes, int offset, int length, String prefix) {
        if (length < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (bytes[offset + i] != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The lane of an event. */
    public String of(String id, String source) {
        byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
        byte[] sourceBytes = source.getBytes(StandardCharsets.UTF_8);
        return of(idBytes, 0, idBytes.length, sourceBytes, 0, sourceBytes.length);
    }
}

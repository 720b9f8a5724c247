package io.weir.processor.enrich.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A closed set of ASCII words and what each stands for, looked up in bytes without regard to case and without allocation.
 *
 * @param <T> what a word stands for
 */
public final class Vocabulary<T> {
    private final List<List<Entry<T>>> byLength;

    private record Entry<T>(byte[] lowerCase, T meaning) {}

    /** @param meanings what each word stands for; the words in any case */
    public Vocabulary(Map<String, T> meanings) {
        int longest = meanings.keySet().stream().mapToInt(String::length).max().orElse(0);
        byLength = new ArrayList<>();
        for (int i = 0; i <= longest; i++) {
            byLength.add(new ArrayList<>());
        }
        meanings.forEach((word, meaning) -> byLength.get(word.length())
                .add(new Entry<>(word.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII), meaning)));
    }

    /** The meaning of a word; null where it is unknown. */
    public @Nullable T find(byte[] bytes, int offset, int length) {
        if (length >= byLength.size()) {
            return null;
        }
        List<Entry<T>> candidates = byLength.get(length);
        for (int i = 0; i < candidates.size(); i++) {
            Entry<T> candidate = candidates.get(i);
            if (equalsIgnoringCase(candidate.lowerCase, bytes, offset)) {
                return candidate.meaning;
            }
        }
        return null;
    }

    private static boolean equalsIgnoringCase(byte[] lowerCase, byte[] bytes, int offset) {
        for (int i = 0; i < lowerCase.length; i++) {
            int b = bytes[offset + i];
            if (b >= 'A' && b <= 'Z') {
                b += 'a' - 'A';
            }
            if (b != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }
}

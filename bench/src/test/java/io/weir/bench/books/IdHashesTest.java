package io.weir.bench.books;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class IdHashesTest {

    @Test
    void aMillionIdsThatDifferInOneDigitHaveAMillionHashes() {
        IdHashes hashes = new IdHashes();
        for (int i = 0; i < 1_000_000; i++) {
            add(hashes, "f1abc-a-%012d".formatted(i));
        }
        assertThat(hashes.distinct()).isEqualTo(1_000_000);
    }

    @Test
    void repeatsCountInTheSizeAndNotAmongTheDistinct() {
        IdHashes hashes = new IdHashes();
        add(hashes, "a");
        add(hashes, "b");
        add(hashes, "a");
        assertThat(hashes.size()).isEqualTo(3);
        assertThat(hashes.distinct()).isEqualTo(2);
    }

    @Test
    void theDifferenceOfTwoBagsHasEachMissingIdOnce() {
        IdHashes some = new IdHashes();
        IdHashes others = new IdHashes();
        for (String id : new String[] {"a", "b", "b", "c", "d"}) {
            add(some, id);
        }
        for (String id : new String[] {"a", "d", "e"}) {
            add(others, id);
        }
        IdHashes missing = some.without(others);
        assertThat(missing.size()).isEqualTo(2);
        assertThat(missing.contains(hash("b"))).isTrue();
        assertThat(missing.contains(hash("c"))).isTrue();
        assertThat(new IdHashes().without(others).size()).isZero();
        assertThat(others.without(new IdHashes()).size()).isEqualTo(3);
    }

    @Test
    void idsOfDifferentLengthsWithTheSameStartDiffer() {
        assertThat(hash("abcdefgh")).isNotEqualTo(hash("abcdefgh\0"));
        assertThat(hash("")).isNotEqualTo(hash("\0"));
    }

    private static void add(IdHashes hashes, String id) {
        hashes.add(hash(id));
    }

    private static long hash(String id) {
        byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
        return IdHashes.hash(bytes, 0, bytes.length);
    }
}

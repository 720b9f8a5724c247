package io.weir.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TabSeparatedTest {

    @Test
    void aFieldComesBackAsItWasBeforeItWasWritten() {
        assertThat(TabSeparated.unescaped("plain")).isEqualTo("plain");
        assertThat(TabSeparated.unescaped("tab\\there, line\\nend\\r, quote\\', backslash\\\\n"))
                .isEqualTo("tab\there, line\nend\r, quote', backslash\\n");
        assertThat(TabSeparated.unescaped("\\0\\b\\f")).isEqualTo("\0\b\f");
    }

    @Test
    void aNullStaysWhatTellsItFromText() {
        assertThat(TabSeparated.unescaped("\\N")).isEqualTo("\\N");
        assertThat(TabSeparated.unescaped("\\\\N")).isEqualTo("\\N");
    }
}

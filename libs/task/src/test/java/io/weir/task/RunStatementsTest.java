package io.weir.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunStatementsTest {

    @Test
    void aFieldComesBackAsItWasBeforeItWasWritten() {
        assertThat(RunStatements.unescaped("plain")).isEqualTo("plain");
        assertThat(RunStatements.unescaped("tab\\there, line\\nend\\r, quote\\', backslash\\\\n"))
                .isEqualTo("tab\there, line\nend\r, quote', backslash\\n");
        assertThat(RunStatements.unescaped("\\0\\b\\f")).isEqualTo("\0\b\f");
    }

    @Test
    void aNullReadsAsTheTextThatStandsForIt() {
        assertThat(RunStatements.unescaped("\\N")).as("null").isEqualTo("\\N");
        assertThat(RunStatements.unescaped("\\\\N")).as("that text").isEqualTo("\\N");
    }
}

package io.weir.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.metadata.label.Labels;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelsTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "shop", "a, b", "say \"no\", \\", "two\nlines\\n", "=~", "\\\"", "über $1"})
    void whatIsWrittenIsReadAgain(String value) {
        Labels labels = Labels.of(Map.of("source", value, "os", "b=\"" + value + "\""));
        assertThat(Labels.parse(labels.toString())).isEqualTo(labels);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100_000})
    void valuesOfAnyLengthAreRead(int length) {
        Labels labels = Labels.of("endpoint_template", "/".repeat(length));
        assertThat(Labels.parse(labels.toString())).isEqualTo(labels);
    }
}

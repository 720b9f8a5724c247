package io.weir.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EventTest {
    private final Event event = new Event();

    @Test
    void aNewEventHoldsNothing() {
        for (Field field : Field.values()) {
            assertThat(event.has(field)).isFalse();
            assertThat(event.length(field)).isZero();
        }
        assertThat(event.text(Field.ID)).isNull();
        assertThat(event.number(Field.BYTES)).isZero();
        assertThat(event.latencyMillis()).isNaN();
        assertThat(event.flag(Field.IS_BOT)).isFalse();
        assertThat(event).hasToString("{}");
    }

    @Test
    void aFieldThatIsSetAgainIsReplaced() {
        event.text(Field.USER_ID, "a longer one");
        event.text(Field.USER_ID, "u");
        event.number(Field.BYTES, 1L);
        event.number(Field.BYTES, 2L);
        assertThat(event).hasToString("{\"user_id\":\"u\",\"bytes\":2}");
        event.text(Field.USER_ID, null);
        event.remove(Field.BYTES);
        assertThat(event).hasToString("{}");
    }

    @Test
    void aWholeLatencyIsALatency() {
        event.number(Field.LATENCY_MS, 7L);
        assertThat(event.latencyMillis()).isEqualTo(7);
        assertThat(event).hasToString("{\"latency_ms\":7}");
    }

    @Test
    void attributesAreFoundReplacedAndRemoved() {
        for (int i = 0; i < 100; i++) {
            event.attribute("a" + i, Integer.toString(i).getBytes(UTF_8));
        }
        assertThat(event.attributeName(50)).isEqualTo("a50");
        int index = event.attributeIndex("xa50".getBytes(UTF_8), 1, 3);
        assertThat(index).isEqualTo(50);
        event.attributeValue(index, "[true]".getBytes(UTF_8), 1, 4);
        assertThat(event.attributeValue(index)).asString().isEqualTo("true");
        event.removeAttribute(index);
        assertThat(event.attributeName(50)).isEqualTo("a51");
        assertThat(event.attributes()).isEqualTo(99);
        assertThat(event.attributeIndex("a50".getBytes(UTF_8), 0, 3)).isEqualTo(-1);
        assertThatThrownBy(() -> event.attributeName(99)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aNameOfTheLastEventIsNotGivenForTheNext() {
        event.attribute("first", "1".getBytes(UTF_8));
        assertThat(event.attributeName(0)).isEqualTo("first");
        event.clear();
        event.attribute("second", "2".getBytes(UTF_8));
        assertThat(event.attributeName(0)).isEqualTo("second");
    }

    @Test
    void measurementsKeepTheirOrder() {
        for (int i = 0; i < 40; i++) {
            event.measurement("m" + i, i / 4.0);
        }
        assertThat(event.measurements()).isEqualTo(40);
        assertThat(event.measurementName(39)).isEqualTo("m39");
        assertThat(event.measurementValue(39)).isEqualTo(9.75);
    }

    @Test
    void textIsEscapedOnlyWhereJsonDemandsIt() {
        event.text(Field.MESSAGE, "\"\\/\b\f\n\r\t\u0000\u001f\u007fé😀" + "x".repeat(20) + "\ud800");
        assertThat(event)
                .hasToString("{\"message\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007fé😀" + "x".repeat(20)
                        + "\uFFFD\"}");
        ByteSink string = new ByteSink();
        EventWriter.string("\"é\n" + "x".repeat(20) + "\\", string);
        assertThat(string).hasToString("\"\\\"é\\n" + "x".repeat(20) + "\\\\\"");
        assertThat(string.copy()).hasSize(string.size());
    }

    @Test
    void whatJsonHasNoNumberForIsNotWritten() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> EventWriter.number(value, new ByteSink()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void numbersAreWrittenShortWhereThatIsExact() {
        ByteSink out = new ByteSink();
        for (double value : new double[] {0, -0.0, 1, -12.5, 0.1, 1e15, 123456.789, 1e300, 0.30000000000000004}) {
            EventWriter.number(value, out);
            out.write(' ');
        }
        assertThat(out).hasToString("0 -0.0 1 -12.5 0.1 1000000000000000 123456.789 1.0E300 0.30000000000000004 ");
    }
}

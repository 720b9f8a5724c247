package io.weir.console.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.console.query.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SubscriptionRunnerTest {

    @Test
    void aResultThatIsTooLongLosesItsLastRowsAndSaysSo() {
        Answer answer = answer(1000);
        int longest = 20_000;

        String kept = SubscriptionRunner.json(answer, longest);

        assertThat(kept.getBytes(StandardCharsets.UTF_8).length).isBetween(longest - 100, longest);
        JsonNode read = JsonMapper.shared().readTree(kept);
        int rows = read.get("data").size();
        assertThat(read.at("/data/0/source").stringValue()).isEqualTo("größe 0");
        assertThat(read.at("/data/" + (rows - 1) + "/source").stringValue()).isEqualTo("größe " + (rows - 1));
        assertThat(read.at("/meta/truncated").booleanValue()).isTrue();
        assertThat(read.at("/meta/cut_for_length").booleanValue()).isTrue();
        assertThat(read.at("/meta/explain").stringValue())
                .isEqualTo("all of it; cut to the first " + rows + " of 1000 rows, for its length");
        assertThat(read.at("/meta/query_id").stringValue()).isEqualTo("q-1");
    }

    @Test
    void aResultThatIsShortEnoughIsAsItWas() {
        Answer answer = answer(10);

        assertThat(SubscriptionRunner.json(answer, 20_000))
                .isEqualTo(JsonMapper.shared().writeValueAsString(answer))
                .contains("\"truncated\":false")
                .doesNotContain("cut_for_length");
    }

    private static Answer answer(int rows) {
        List<Map<String, @Nullable Object>> data = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            data.add(Map.of("source", "größe " + i, "events", i));
        }
        return new Answer(
                "success",
                data,
                new Answer.Meta(
                        List.of("events"), "all of it", 1, 1, false, List.of(), List.of(), false, false, "q-1"));
    }
}

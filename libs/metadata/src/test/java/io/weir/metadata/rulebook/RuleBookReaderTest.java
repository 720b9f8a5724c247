package io.weir.metadata.rulebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weir.metadata.rule.Comparison;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleBookReaderTest {

    private static final String RULE = """
            tenant: acme
            rules:
              - name: errors
                severity: critical
                query: {measure: error_rate, where: 'type="request"', window: 5m}
                condition: {kind: threshold, above: 0.05, clear: 0.03}
            """;

    private static final String CHANNEL = """
            tenant: acme
            channels:
              - name: pager
                kind: pagerduty
                settings: {routingKey: '${KEY}'}
            """;

    private static final String OF_RESULTS = """
            tenant: acme
            rules:
              - name: failing
                severity: critical
                query: {measure: subscription, subscription: by source, column: errors, groupBy: [source]}
                condition: {kind: threshold, above: 100}
            """;

    private final RuleBookReader reader = new RuleBookReader(Map.of("KEY", "k-1")::get);

    @Test
    void whatARuleLeavesOutIsAsUsual() {
        RuleBook book = reader.read(RULE).get(0);
        Rule rule = book.rules().get(0);
        assertThat(rule)
                .isEqualTo(Rule.of(
                                "acme",
                                "errors",
                                Severity.CRITICAL,
                                Query.of(
                                        Query.Measure.ERROR_RATE,
                                        Duration.ofMinutes(5),
                                        io.weir.metadata.label.Matcher.parse("type=\"request\"")),
                                new Condition.Threshold(Comparison.ABOVE, 0.05, 0.03))
                        .withId(rule.id()));
        assertThat(book.channels()).as("not spoken of").isNull();
    }

    @Test
    void anErrorRateThatIsMeantInPercentIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.read(RULE.replace("above: 0.05, clear: 0.03", "above: 5")))
                .withMessageContaining("it is a share from 0 to 1");
    }

    @Test
    void everyKindOfConditionIsRead() {
        List<Rule> rules = reader.read("""
                tenant: acme
                rules:
                  - {name: a, severity: info, query: {measure: count, window: 1m}, condition: {kind: change, before: 1d, below: -0.5}}
                  - {name: b, severity: info, query: {measure: count, window: 1h}, condition: {kind: anomaly, direction: above}}
                  - {name: c, severity: info, query: {measure: count, window: 1m, groupBy: [source]}, condition: {kind: absence, lookback: 6h}}
                """).get(0).rules();
        assertThat(rules)
                .extracting(Rule::condition)
                .containsExactly(
                        new Condition.Change(Duration.ofDays(1), Comparison.BELOW, -0.5, null, 0),
                        new Condition.Anomaly(10, 0.02, 0, 4, 12, Comparison.ABOVE),
                        new Condition.Absence(Duration.ofHours(6)));
        assertThat(rules.get(1).keepFiringFor()).as("of an anomaly").isEqualTo(Duration.ofHours(6));
    }

    @Test
    void aVariableIsFilledIn() {
        assertThat(reader.read(CHANNEL).get(0).channels().get(0).settings().get("routingKey"))
                .containsExactly("k-1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "severity: critical   | severity: bad             | rules[0].severity (line 4) is 'bad': it must be one of info, warning, critical",
                "name: errors         | nam: errors               | rules[0].name (line 3) is missing",
                "severity: critical   | `severity: critical\n    evry: 1m` | rules[0].evry (line 5) is not known; there are: name, severity",
                "window: 5m           | window: 5                 | rules[0].query.window (line 5) is '5': it must be a time such as",
                "window: 5m           | window: 2d                | rules[0].query (line 5): query.window is PT48H: it must be 1 minute to 1 day",
                "type=\"request\"     | typ=\"request\"           | rules[0].query (line 5): query.where names 'typ'",
                "type=\"request\"     | type is request           | rules[0].query (line 5): 'type is request' is not a matcher",
                "above: 0.05          | above: much               | rules[0].condition.above (line 6) is 'much': it must be a number",
                "above: 0.05          | above: 0.01               | rules[0].condition (line 6): condition.clear is 0.03",
                "above: 0.05          | below: 0.05, above: 1     | rules[0].condition.below (line 6) cannot go with above",
                "kind: threshold      | kind: often               | rules[0].condition.kind (line 6) is 'often': it must be one of threshold, change, anomaly, absence",
                "tenant: acme         | tenant: A                 | rules[0] (line 3): tenant 'A' is not valid",
                "`  - name: errors`   | `  - errors\n  - name: errors` | rules[0] (line 3) must be a mapping",
                "tenant: acme         | `tenant: acme\ntenant: b` | tenant (line 2) is there twice"
            })
    void whatIsWrongIsNamedWithItsLine(String right, String wrong, String message) {
        String text = RULE.replace(right, wrong);
        assertThat(text).isNotEqualTo(RULE);
        assertThatIllegalArgumentException().isThrownBy(() -> reader.read(text)).withMessageStartingWith(message);
    }

    @Test
    void aRuleMayBeAboutASubscription() {
        assertThat(reader.read(OF_RESULTS).get(0).rules().get(0).query())
                .isEqualTo(Query.of(new Query.Results("by source", null, "errors"), "source"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "column: errors,          | ``              | rules[0].query.column (line 5) is missing",
                "subscription: by source, | ``              | rules[0].query.subscription (line 5) is missing",
                "column: errors           | `column: errors, window: 5m` | rules[0].query.window (line 5) does not go with measure subscription",
                "column: errors           | `column: errors, where: 'type=\"log\"'` | rules[0].query.where (line 5) does not go with measure subscription",
                "measure: subscription    | `measure: count, window: 5m` | rules[0].query.subscription (line 5) goes with measure subscription only",
                "[source]                 | [attributes.a]  | rules[0].query (line 5): query.groupBy names 'attributes.a', which cannot be the name of a label",
                "`kind: threshold, above: 100` | kind: anomaly | rules[0] (line 3): condition.kind is anomaly, which does not go with query.subscription",
                "`kind: threshold, above: 100` | kind: absence | rules[0] (line 3): query.groupBy does not go with query.subscription and an absence"
            })
    void whatDoesNotGoWithASubscriptionIsNamed(String right, String wrong, String message) {
        String text = OF_RESULTS.replace(right, wrong);
        assertThat(text).isNotEqualTo(OF_RESULTS);
        assertThatIllegalArgumentException().isThrownBy(() -> reader.read(text)).withMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "${KEY}     | ${OTHER}          | channels[0].settings.routingKey (line 5) names the variable OTHER, which is not set",
                "routingKey | key               | channels[0] (line 3): settings.key is not known for pagerduty; there are: routingKey, url",
                "pagerduty  | webhook           | channels[0] (line 3): settings.routingKey is not known for webhook; there are: url, secret",
                "pagerduty  | pigeon            | channels[0].kind (line 4) is 'pigeon'",
                "'${KEY}'   | [a, b]            | channels[0] (line 3): settings.routingKey must be one value",
                "'${KEY}'   | file:/etc/passwd  | channels[0] (line 3): settings.routingKey must be file: and the name of a file",
                "'${KEY}'   | file:../k         | channels[0] (line 3): settings.routingKey must be file: and the name of a file",
                "'${KEY}'   | `k, url: ftp://a`   | channels[0] (line 3): settings.url must be an address such as https://host/path",
                "'${KEY}'   | `k, url: example`   | channels[0] (line 3): settings.url must be an address such as https://host/path"
            })
    void aChannelThatCannotWorkIsRefused(String right, String wrong, String message) {
        String text = CHANNEL.replace(right, wrong);
        assertThat(text).isNotEqualTo(CHANNEL);
        assertThatIllegalArgumentException().isThrownBy(() -> reader.read(text)).withMessageStartingWith(message);
    }

    @Test
    void textThatIsNotYamlIsRefusedWithItsLine() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.read("tenant: acme\nrules: [\n"))
                .withMessageStartingWith("this is not YAML")
                .withMessageContaining("line 3");
    }

    @Test
    void aNameThatWouldEndALineOfAMailHeaderIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reader.read(RULE.replace("name: errors", "name: \"errors\\r\\nBcc: all\"")))
                .withMessageContaining("without line breaks");
    }
}

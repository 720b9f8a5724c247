package io.weir.console.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weir.console.access.Caller;
import io.weir.metadata.user.Role;
import io.weir.warehouse.account.ReaderViews;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class QueryReaderTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:34:56.789Z");
    private static final Caller ALL = new Caller("ada", Role.ANALYST, null);
    private static final Caller ACME = new Caller("ben", Role.ANALYST, "acme");
    private static final Caller VIEWER = new Caller("dan", Role.VIEWER, "acme");

    private final QueryReader reader = new QueryReader(Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void whatIsLeftOutIsTheLastDayAsOneRow() {
        Query query = read("{'select':['events']}", ACME);
        assertThat(query.from()).isEqualTo(NOW.minusSeconds(86_400));
        assertThat(query.to()).isEqualTo(NOW);
        assertThat(query.bucket()).isEqualTo(Bucket.ALL);
        assertThat(query.limit()).isEqualTo(QueryReader.DEFAULT_ROWS);
        assertThat(query.zone().getId()).isEqualTo("UTC");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    now-15m              | 2026-11-21T12:19:56.789Z
                    -2w                  | 2026-11-07T12:34:56.789Z
                    2026-11-01           | 2026-10-31T23:00:00Z
                    2026-11-01T00:00:00Z | 2026-11-01T00:00:00Z
                    2026-11-01T00:00:00.1239+05:30 | 2026-10-31T18:30:00.123Z
                    -999999w             | 1970-01-01T00:00:00Z
                    """)
    void timesAreReadAsPeopleWriteThem(String text, Instant time) {
        assertThat(read("{'select':['events'],'from':'" + text + "','time_zone':'Europe/Berlin'}", ACME)
                        .from())
                .isEqualTo(time);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    []                                                       | ~~                 | object
                    {                                                        | ~~                 | not JSON
                    {} {}                                                    | ~~                 | not JSON
                    {'select':['events'],'select':['users']}                 | ~~                 | not JSON
                    {}                                                       | /select            | missing
                    {'select':[]}                                            | /select            | 1 to 20
                    {'select':'events'}                                      | /select            | array
                    {'select':['events','event']}                            | /select/1          | cannot be selected
                    {'select':['latency_p0']}                                | /select/0          | cannot be selected
                    {'select':['latency_p100']}                              | /select/0          | cannot be selected
                    {'select':['events','events']}                           | /select/1          | twice
                    {'select':['events','measurement_avg']}                  | /select/1          | measurements
                    {'select':[1]}                                           | /select/0          | text
                    {'select':['events'],'a/b%c':1}                          | /a~1b%c           | not known
                    {'select':['events'],'from':'tomorrow'}                  | /from              | not a time
                    {'select':['events'],'from':'2026-02-30'}                | /from              | not a time
                    {'select':['events'],'from':5}                           | /from              | text
                    {'select':['events'],'to':'2999-01-01'}                  | /to                | 1970 to 2099
                    {'select':['events'],'from':'now'}                       | /from              | before
                    {'select':['events'],'time_zone':'Mars/Base'}            | /time_zone         | time zone
                    {'select':['events'],'grain':'2h'}                       | /grain             | 1m, 5m, 1h
                    {'select':['events'],'limit':0}                          | /limit             | 1 to 10000
                    {'select':['events'],'limit':10001}                      | /limit             | 1 to 10000
                    {'select':['events'],'limit':1.5}                        | /limit             | whole
                    {'select':['events'],'limit':99999999999}                | /limit             | whole
                    {'select':['events'],'explain':'yes'}                    | /explain           | true or false
                    {'select':['events'],'group_by':['colour']}              | /group_by/0        | not a field
                    {'select':['events'],'group_by':['attributes.']}         | /group_by/0        | not a field
                    {'select':['events'],'group_by':['attributes.:`Array(JSON)`']} | /group_by/0  | not a field
                    {'select':['events'],'group_by':['attributes.a..b']}     | /group_by/0        | not a field
                    {'select':['events'],'group_by':['type','type']}         | /group_by/1        | twice
                    {'select':['events'],'group_by':['latency_ms']}          | /group_by/0        | not grouped
                    {'select':['events'],'group_by':['measurement']}         | /group_by/0        | of measurements
                    {'select':['events'],'group_by':['tenant']}              | /group_by/0        | one tenant
                    {'select':['events'],'order_by':['users']}               | /order_by/0        | not in the answer
                    {'select':['events'],'order_by':['time']}                | /order_by/0        | not in the answer
                    {'select':['events'],'filter':1}                         | /filter            | object
                    {'select':['events'],'filter':[1]}                       | /filter/0          | object
                    {'select':['events'],'filter':[{'op':'eq'}]}             | /filter/0/field    | missing
                    {'select':['events'],'filter':[{'field':'type'}]}        | /filter/0/value    | missing
                    {'select':['events'],'filter':[{'field':'type','value':null}]} | /filter/0/value | must be text
                    {'select':['events'],'filter':[{'field':'type','value':5}]} | /filter/0/value  | text
                    {'select':['events'],'filter':[{'field':'type','values':['a'],'value':'a'}]} | /filter/0/value | takes values
                    {'select':['events'],'filter':[{'field':'type','op':'in','values':[]}]} | /filter/0/values | 1 to 400
                    {'select':['events'],'filter':[{'field':'type','op':'in','values':['a',1]}]} | /filter/0/values/1 | text
                    {'select':['events'],'filter':[{'field':'type','op':'like','value':'a'}]} | /filter/0/op | not an operator
                    {'select':['events'],'filter':[{'field':'type','op':'exists','value':'a'}]} | /filter/0/value | no value
                    {'select':['events'],'filter':[{'field':'status_code','value':'500'}]} | /filter/0/value | a number
                    {'select':['events'],'filter':[{'field':'status_code','value':1e999}]} | /filter/0/value | too large
                    {'select':['events'],'filter':[{'field':'bytes','op':'contains','value':5}]} | /filter/0/op | not for bytes
                    {'select':['events'],'filter':[{'field':'is_bot','op':'gt','value':true}]} | /filter/0/op | not for is_bot
                    {'select':['events'],'filter':[{'field':'attributes.a','op':'in','values':['a',1]}]} | /filter/0/values/1 | one type
                    {'select':['events'],'filter':[{'field':'attributes.a','op':'gt','value':'a'}]} | /filter/0/value | a number
                    {'select':['events'],'filter':{'or':[]}}                 | /filter/or         | 1 to 100
                    {'select':['events'],'filter':{'not':{'and':[{'field':'x','value':'a'}]}}} | /filter/not/and/0/field | not a field
                    {'select':['events'],'filter':{'xor':[]}}                | /filter/xor        | not known
                    """)
    void whatIsWrongIsSaidWithItsPlace(String query, String pointer, String message) {
        InvalidQueryException wrong = catchThrowableOfType(InvalidQueryException.class, () -> read(query, ACME));
        assertThat(wrong).as(query).isNotNull();
        assertThat(wrong.pointer()).isEqualTo(pointer);
        assertThat(wrong).hasMessageContaining(message);
    }

    @Test
    void thereAreLimitsToDepthAndNumber() {
        String nested = "{'not':".repeat(QueryReader.DEEPEST) + "{'field':'type','value':'a'}"
                + "}".repeat(QueryReader.DEEPEST);
        assertThatThrownBy(() -> read("{'select':['events'],'filter':" + nested + "}", ACME))
                .isInstanceOf(InvalidQueryException.class)
                .hasMessageContaining("nested");
        String ten = IntStream.range(0, 10)
                .mapToObj(i -> "{'field':'type','value':'a'}")
                .collect(Collectors.joining(",", "{'or':[", "]}"));
        String hundred = IntStream.range(0, 10).mapToObj(i -> ten).collect(Collectors.joining(",", "{'and':[", "]}"));
        assertThat(read("{'select':['events'],'filter':[" + hundred + "]}", ACME)
                        .fields())
                .hasSize(100);
        assertThatThrownBy(() -> read("{'select':['events'],'filter':[" + hundred + "," + ten + "]}", ACME))
                .isInstanceOf(InvalidQueryException.class)
                .hasMessageContaining("100");
    }

    @Test
    void onlyWhoSeesEveryTenantMayTellThemApart() {
        assertThat(read("{'select':['events'],'group_by':['tenant']}", ALL).groupBy())
                .hasSize(1);
        assertThatThrownBy(() -> read("{'select':['events'],'filter':{'not':{'field':'tenant','value':'acme'}}}", ACME))
                .isInstanceOf(InvalidQueryException.class);
    }

    static Stream<String> personal() {
        return ReaderViews.PERSONAL_COLUMNS.stream()
                .map(column -> column.equals("attributes") ? "attributes.email" : column);
    }

    /** The order of masked rows tells whose they are, and so does how many there are of each. */
    @ParameterizedTest
    @MethodSource("personal")
    void whoSeesPersonalValuesMaskedMayNotUseThemAnywhere(String field) {
        for (String[] query : new String[][] {
            {"'filter':{'or':[{'not':{'field':'%s','value':'a'}}]}", "/filter/or/0/not/field"},
            {"'filter':[{'field':'%s','op':'exists'}]", "/filter/0/field"},
            {"'group_by':['source','%s']", "/group_by/1"},
            {"'group_by':['%1$s'],'order_by':['-%1$s']", "/group_by/0"}
        }) {
            String document = "{'select':['events']," + query[0].formatted(field) + "}";
            assertThat(read(document, ACME).fields().map(Field::name)).contains(field);
            InvalidQueryException refused =
                    catchThrowableOfType(InvalidQueryException.class, () -> read(document, VIEWER));
            assertThat(refused).as(document).isNotNull().hasMessageContaining(field + " is masked for your role");
            assertThat(refused.pointer()).isEqualTo(query[1]);
        }
    }

    @Test
    void whatIsNotPersonalMayBeUsedByAll() {
        assertThat(read(
                                "{'select':['users'],'group_by':['endpoint_template','device_id'],'order_by':['device_id']}",
                                VIEWER)
                        .groupBy())
                .hasSize(2);
    }

    @Test
    void noValueOfTheCallersIsInTheText() {
        Query query = read(
                "{'select':['events'],'group_by':['attributes.x y'],'filter':[{'field':'attributes.z--','value':'q1'},"
                        + "{'field':'type','op':'in','values':['q2','q3']},{'field':'status_code','op':'gt','value':777}]}",
                ACME);
        QuerySql sql = new QuerySql(
                query,
                new Plan(
                        List.of(new Plan.Part(null, List.of(new Interval(query.from(), query.to())))),
                        List.of(),
                        List.of(),
                        ""),
                "acme",
                "weir");
        assertThat(sql.text()).doesNotContain("q1", "q2", "q3", "777", "x y", "--", "acme", "2026");
        assertThat(sql.parameters().values()).contains("q1", "q2", "q3", "777.0", "x y", "z--", "acme");
    }

    private Query read(String json, Caller caller) {
        return reader.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), caller)
                .query();
    }
}

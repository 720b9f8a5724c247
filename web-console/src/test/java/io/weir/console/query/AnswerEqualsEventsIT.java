package io.weir.console.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.console.access.Caller;
import io.weir.metadata.user.Role;
import io.weir.warehouse.rollup.Grain;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Random questions about random events, with late ones, ids sent again, rollups made of some hours and units and not of others, and
 * days whose events are gone: each answer is that of a plain SELECT over all events, to the row, the order and the bit.
 */
class AnswerEqualsEventsIT {

    private static final Instant NOW = Instant.parse("2026-11-21T12:34:56.789Z");
    /** Two years and three months; few, as each day is a partition of every table. */
    private static final List<String> DAYS =
            List.of("2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02", "2026-01-15", "2026-01-31", "2026-02-01");

    /** The store whose every unit is rolled up, with nothing late: all tables are read there. */
    private static final int SETTLED = 1;

    private static final int QUERIES_A_STORE = 25;
    private static final int QUERIES_AFTERWARDS = 2;

    /** Names, and what they mean in plain SQL. */
    private static final Map<String, String> OF_EVENTS = Map.ofEntries(
            Map.entry("events", "count()"),
            Map.entry("errors", "countIf(status_code >= 500 OR severity = 'error' OR severity = 'fatal')"),
            Map.entry(
                    "error_rate", "countIf(status_code >= 500 OR severity = 'error' OR severity = 'fatal') / count()"),
            Map.entry("bytes", "ifNull(sum(bytes), 0)"),
            Map.entry("latency_count", "countIf(latency_ms IS NOT NULL)"),
            Map.entry("latency_min", "min(latency_ms)"),
            Map.entry("latency_max", "max(latency_ms)"),
            Map.entry("latency_avg", "ifNull(sum(toInt128(round(latency_ms * 1e6))), 0) / count(latency_ms) / 1e6"),
            Map.entry("latency_p50", "quantileBFloat16(0.5)(latency_ms)"),
            Map.entry("latency_p95", "quantileBFloat16(0.95)(latency_ms)"),
            Map.entry("latency_p99.9", "quantileBFloat16(0.999)(latency_ms)"),
            Map.entry("users", "uniqExact(nullIf(user_id, ''))"));

    private static final Map<String, String> OF_MEASUREMENTS = Map.of(
            "measurement_count", "count()",
            "measurement_min", "min(toNullable(value))",
            "measurement_max", "max(toNullable(value))",
            "measurement_sum", "if(count() = 0, NULL, toFloat64(sum(toDecimal256(value, 18))))",
            "measurement_avg", "toFloat64(sum(toDecimal256(value, 18))) / count()",
            "measurement_last", "if(count() = 0, NULL, argMax(value, (timestamp, value)))",
            "devices", "uniqExact(nullIf(device_id, ''))");

    private static final List<String> ROLLED_UP = List.of(
            "type",
            "source",
            "endpoint_template",
            "method",
            "status_class",
            "severity",
            "country",
            "device_class",
            "device_group");

    private static final String[][] CONDITIONS = {
        {"{'field':'type','value':'request'}", "type = 'request'"},
        {"{'field':'status_class','op':'ne','value':'2xx'}", "status_class != '2xx'"},
        {"{'field':'source','op':'in','values':['s0','s2']}", "source IN ('s0', 's2')"},
        {
            "{'field':'country','op':'not_in','values':['it\\'s\\\\odd','\\n\\t']}",
            "country NOT IN ('it\\'s\\\\odd', '\\n\\t')"
        },
        {"{'field':'country','value':'it\\'s\\\\odd'}", "country = 'it\\'s\\\\odd'"},
        {"{'field':'endpoint_template','op':'starts_with','value':'/p/1'}", "startsWith(endpoint_template, '/p/1')"},
        {"{'field':'severity','op':'exists'}", "severity != ''"},
        {
            "{'or':[{'field':'method','value':'GET'},{'field':'device_group','value':'roof'}]}",
            "(method = 'GET' OR device_group = 'roof')"
        },
        {
            "{'not':{'and':[{'field':'type','value':'log'},{'field':'severity','value':'error'}]}}",
            "NOT (type = 'log' AND severity = 'error')"
        },
        {"{'not':{'not':{'field':'source','op':'contains','value':'1'}}}", "position(source, '1') > 0"}
    };

    private static final String[][] CONDITIONS_OF_ENDPOINTS = {
        {"{'field':'type','value':'request'}", "type = 'request'"},
        {"{'field':'endpoint_template','op':'starts_with','value':'/p/1'}", "startsWith(endpoint_template, '/p/1')"},
        {"{'field':'endpoint_template','op':'ne','value':''}", "endpoint_template != ''"}
    };

    private static final String[][] CONDITIONS_OF_EVENTS = {
        {"{'field':'latency_ms','op':'gte','value':70000.5}", "latency_ms >= 70000.5"},
        {"{'not':{'field':'latency_ms','op':'lt','value':70000.5}}", "NOT latency_ms < 70000.5"},
        {"{'field':'status_code','op':'lt','value':500}", "status_code < 500 AND status_code != 0"},
        {"{'field':'user_id','op':'in','values':['u1','u2','u3']}", "user_id IN ('u1', 'u2', 'u3')"},
        {"{'field':'is_bot','value':true}", "is_bot"},
        {"{'field':'attributes.region','value':'r1'}", "attributes.region::String = 'r1'"},
        {"{'field':'attributes.cart.value','op':'gt','value':25}", "attributes.cart.value::Float64 > 25"},
        {"{'field':'bytes','op':'exists'}", "bytes IS NOT NULL"}
    };

    private static final List<String> ZONES = List.of(
            "UTC",
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "Pacific/Auckland");

    /** Another one each time; the one of a failure is in its message, and makes the same again. */
    private static final long SEED = Long.getLong("weir.answers.seed", System.nanoTime());

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Store STORE = store();

    private final QueryReader reader = new QueryReader(Clock.fixed(NOW, ZoneOffset.UTC));
    private static final Map<String, Integer> SEEN = new TreeMap<>();

    private static Store store() {
        try {
            return new Store();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Which stores have a purged day, which was never rolled up and which has nothing that came late is not left to chance: of a
     * handful none might.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void everyAnswerIsWhatPlainSqlOverAllEventsGives(int store) {
        Random random = new Random(SEED + store);
        fill(random, store);
        Queries queries = new Queries(STORE.clickHouse(), Duration.ofSeconds(30), 1 << 20, event -> {});
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < QUERIES_A_STORE; i++) {
            questions.add(question(random));
            compare(queries, questions.get(i));
        }
        compare(queries, EVERY_MINUTE);
        questions.addAll(WHOLE_UNITS);
        WHOLE_UNITS.forEach(question -> compare(queries, question));
        // The same process is asked again after each thing that happens: what it knows must never be too old.
        for (int day = 6; day < 8; day++) {
            for (Runnable event : whatHappensOn(random, LocalDate.of(2026, 3, day))) {
                event.run();
                for (int i = 0; i < QUERIES_AFTERWARDS; i++) {
                    compare(queries, questions.get(random.nextInt(questions.size())));
                }
            }
        }
    }

    /** Late events; perhaps a run, which may be killed; perhaps a purge after one that came to its end. */
    private static List<Runnable> whatHappensOn(Random random, LocalDate day) {
        Instant morning = day.atStartOfDay(ZoneOffset.UTC).toInstant();
        Instant noon = morning.plus(12, ChronoUnit.HOURS);
        List<Runnable> events = new ArrayList<>();
        events.add(() -> STORE.insert(random.nextInt(1_000_000), 40, hours(random, 1 + random.nextInt(3)), morning, 0));
        if (random.nextInt(3) > 0) {
            boolean completes = random.nextInt(3) > 0;
            events.add(() -> rollUp(random, completes ? 1.0 : random.nextDouble(), noon));
            if (completes) {
                events.add(() -> STORE.complete(noon));
                if (random.nextInt(3) == 0) {
                    events.add(() -> STORE.purge(LocalDate.parse(DAYS.get(random.nextInt(DAYS.size())))));
                }
            }
        }
        return events;
    }

    @AfterAll
    static void everyTableWasRead() {
        assertThat(SEEN.keySet())
                .as("tables that the answers came from, or the test shows little: %s", SEEN)
                .contains("rollup_all", "rollup_year", "rollup_day", "rollup_hour", "events")
                .contains("tenant_week", "endpoint_week", "tenant_day", "endpoint_day")
                .contains("measurement_all", "measurement_year", "measurement_day", "measurement_hour")
                .contains("cached", "incomplete", "both");
    }

    /** Three lots of events; a run, a run that was killed somewhere; a day that is purged. */
    private static void fill(Random random, int store) {
        STORE.clear();
        int seed = random.nextInt(1_000_000);
        Instant stored = Instant.parse("2026-03-01T00:00:00Z");
        Set<Instant> first = hours(random, 1 + random.nextInt(60));
        if (store == SETTLED) {
            DAYS.forEach(day -> first.add(Instant.parse(day + "T05:00:00Z")));
        }
        STORE.insert(seed, 300 + random.nextInt(700), first, stored, 0);
        if (random.nextBoolean()) {
            STORE.insert(seed, 100 + random.nextInt(200), first, stored.plusSeconds(1), 1);
        }
        if (store % 8 == 7) {
            return; // never rolled up
        }
        Instant firstRun = Instant.parse("2026-03-02T00:00:00Z");
        rollUp(random, 1.0, firstRun);
        STORE.complete(firstRun);
        Set<LocalDate> purged = new HashSet<>();
        if (store % 3 == 0) {
            List<LocalDate> days = new ArrayList<>(days(first));
            LocalDate day = days.get(random.nextInt(days.size()));
            STORE.purge(day);
            purged.add(day);
        }
        if (store != SETTLED && random.nextInt(5) > 0) {
            Set<Instant> late = hours(random, random.nextInt(20));
            late.addAll(first.stream().filter(hour -> random.nextInt(6) == 0).toList());
            STORE.insert(seed + 1, 200, late, Instant.parse("2026-03-03T00:00:00Z"), 0);
            if (purged.isEmpty()) {
                // What is sent again after its first copy was purged would count twice, and is known to.
                STORE.insert(seed, 50, first, Instant.parse("2026-03-03T00:00:01Z"), 2);
            }
            if (random.nextBoolean()) {
                rollUp(random, random.nextDouble(), Instant.parse("2026-03-04T00:00:00Z"));
                if (random.nextBoolean()) {
                    STORE.insert(seed + 2, 60, late.isEmpty() ? first : late, Instant.parse("2026-03-05T00:00:00Z"), 0);
                }
            }
        }
    }

    /** A run that comes so far: each unit that is due is done with that probability. */
    private static void rollUp(Random random, double done, Instant at) {
        List<Instant> due = instants("SELECT DISTINCT toUnixTimestamp(toStartOfHour(timestamp)) FROM " + STORE.database
                + ".events AS e LEFT JOIN (SELECT"
                + " start, read_until FROM " + STORE.database + ".rollup_ledger FINAL WHERE unit = 'hour') AS l"
                + " ON l.start = toStartOfHour(timestamp) WHERE ingested_at > read_until ORDER BY 1");
        List<Instant> hours =
                due.stream().filter(hour -> random.nextDouble() < done).toList();
        STORE.rollUpHours(hours, at, at.plusSeconds(1));
        Set<LocalDate> days = derive(random, done, Grain.DAY, days(hours), at);
        Set<LocalDate> summaries = derive(random, done, Grain.SUMMARY, days, at);
        derive(random, done, Grain.WEEK, summaries, at);
        derive(random, done, Grain.ALL, derive(random, done, Grain.YEAR, days, at), at);
    }

    /** @return which of the units was done */
    private static Set<LocalDate> derive(Random random, double done, Grain grain, Set<LocalDate> of, Instant at) {
        Set<LocalDate> units = of.stream()
                .map(day -> switch (grain) {
                    case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
                    case YEAR -> day.withDayOfMonth(1);
                    case ALL -> day.withDayOfYear(1);
                    default -> day;
                })
                .filter(day -> random.nextDouble() < done)
                .collect(Collectors.toCollection(TreeSet::new));
        Instant now = at.plusSeconds(1 + grain.ordinal());
        STORE.derive(grain, units, now.minusSeconds(1), now);
        return units;
    }

    private static List<Instant> instants(String sql) {
        return STORE.query(sql)
                .lines()
                .filter(line -> !line.isEmpty())
                .map(line -> Instant.ofEpochSecond(Long.parseLong(line)))
                .toList();
    }

    private static Set<Instant> hours(Random random, int count) {
        Set<Instant> hours = new TreeSet<>();
        // Single hours, and now and then a whole day.
        for (int i = 0; i < count; i++) {
            Instant day = day(random);
            hours.add(day.plus(random.nextInt(24), ChronoUnit.HOURS));
            if (random.nextInt(20) == 0) {
                for (int of = 0; of < 24; of++) {
                    hours.add(day.plus(of, ChronoUnit.HOURS));
                }
            }
        }
        return hours;
    }

    private static Instant day(Random random) {
        return LocalDate.parse(DAYS.get(random.nextInt(DAYS.size())))
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
    }

    private static Set<LocalDate> days(Iterable<Instant> hours) {
        Set<LocalDate> days = new TreeSet<>();
        hours.forEach(hour -> days.add(LocalDate.ofInstant(hour, ZoneOffset.UTC)));
        return days;
    }

    /** The same question in the query language and in plain SQL. */
    private record Question(String json, String sql, int limit, Caller caller) {}

    /** No rollup has minutes, so a purged day is missing to it. */
    private static final Question EVERY_MINUTE = new Question(
            "{'select':['events'],'from':'1970-01-01T00:00:00Z','to':'%s','grain':'1m','limit':%d}"
                    .formatted(NOW, QueryReader.MOST_ROWS)
                    .replace('\'', '"'),
            "SELECT toUnixTimestamp(toStartOfMinute(timestamp)) AS minute, count() FROM " + STORE.database
                    + ".reference FINAL GROUP BY minute ORDER BY minute FORMAT JSONCompact"
                    + " SETTINGS output_format_json_quote_64bit_integers = 0",
            QueryReader.MOST_ROWS,
            new Caller("somebody", Role.ANALYST, null));

    /** Between them they read every table that there is, where it holds what its events give. */
    private static final List<Question> WHOLE_UNITS = List.of(
            total("users", "endpoint_template", "2025-12-29", "2026-02-02", null),
            total("users", "endpoint_template", "2025-12-29", "2026-02-02", "acme"),
            total("users", "endpoint_template", "2025-12-30", "2026-01-03", null),
            total("users", null, "2025-12-29", "2026-02-02", "acme"),
            total("users", null, "2025-12-30", "2026-01-03", "acme"),
            // An hour, a year, a month, a day.
            total("events", "country", "2024-12-31T23:00:00Z", "2026-02-02", null),
            total("devices", null, "2024-12-31T23:00:00Z", "2026-02-02", null),
            // Part of an hour, which its events alone have, and then rollups.
            total("events", "country", "2025-12-30T05:30:00Z", "2026-02-02", null));

    private static Question total(
            String metric, @Nullable String group, String from, String to, @Nullable String tenant) {
        boolean measurements = OF_MEASUREMENTS.containsKey(metric);
        String expression = (measurements ? OF_MEASUREMENTS : OF_EVENTS).get(metric);
        String key = group == null ? "" : group + ", ";
        return new Question(
                "{'select':['%s'],'from':'%s','to':'%s','group_by':[%s],'limit':%d}"
                        .formatted(metric, from, to, group == null ? "" : "'" + group + "'", QueryReader.MOST_ROWS)
                        .replace('\'', '"'),
                "SELECT " + key + expression + " FROM " + STORE.database + ".reference FINAL"
                        + (measurements
                                ? " ARRAY JOIN mapKeys(measurements) AS name, mapValues(measurements) AS value"
                                : "")
                        + " WHERE timestamp >= parseDateTimeBestEffort('" + from + "', 'UTC')"
                        + " AND timestamp < parseDateTimeBestEffort('" + to + "', 'UTC')"
                        + (tenant == null ? "" : " AND tenant = '" + tenant + "'")
                        + (group == null ? "" : " GROUP BY " + group + " ORDER BY " + group)
                        + " FORMAT JSONCompact SETTINGS output_format_json_quote_64bit_integers = 0",
                QueryReader.MOST_ROWS,
                new Caller("somebody", Role.ANALYST, tenant));
    }

    private static Question question(Random random) {
        boolean measurements = random.nextInt(3) == 0;
        boolean onlyEvents = random.nextInt(5) == 0;
        Map<String, String> known = measurements ? OF_MEASUREMENTS : OF_EVENTS;
        List<String> metrics = pick(random, new ArrayList<>(new TreeMap<>(known).keySet()), 1 + random.nextInt(4));
        String tenant = random.nextBoolean() ? (random.nextBoolean() ? "acme" : "nobody's") : null;
        tenant = "nobody's".equals(tenant) && random.nextInt(4) > 0 ? "other" : tenant;
        List<String> fields = new ArrayList<>(ROLLED_UP);
        if (measurements) {
            fields.addAll(List.of("measurement", "device_id"));
        }
        if (tenant == null) {
            fields.add("tenant");
        }
        if (onlyEvents) {
            fields.addAll(List.of("user_id", "device_id", "status_code", "is_bot", "attributes.region"));
            fields = new ArrayList<>(new TreeSet<>(fields));
        }
        // As the summaries are.
        boolean byEndpoint = !measurements && !onlyEvents && random.nextInt(3) == 0;
        if (byEndpoint) {
            fields.retainAll(List.of("endpoint_template", "type", "tenant"));
        }
        List<String> groups = pick(random, fields, random.nextInt(4));
        String[] grains = onlyEvents || random.nextInt(6) == 0
                ? new String[] {"1m", "5m", "1h", "all"}
                : new String[] {"1h", "1d", "1y", "all", "all"};
        String grain = grains[random.nextInt(grains.length)];
        String zone = ZONES.get(random.nextInt(ZONES.size()));
        Instant[] span = span(random);

        List<String> json = new ArrayList<>();
        List<String> where = new ArrayList<>();
        where.add("timestamp >= fromUnixTimestamp64Milli(toInt64(" + span[0].toEpochMilli() + "), 'UTC')");
        where.add("timestamp < fromUnixTimestamp64Milli(toInt64(" + span[1].toEpochMilli() + "), 'UTC')");
        for (int i = random.nextInt(3); i > 0; i--) {
            String[][] from = onlyEvents && random.nextBoolean() ? CONDITIONS_OF_EVENTS : CONDITIONS;
            from = byEndpoint ? CONDITIONS_OF_ENDPOINTS : from;
            String[] condition = from[random.nextInt(from.length)];
            json.add(doubleQuoted(condition[0]));
            where.add("(" + condition[1] + ")");
        }
        if (tenant != null) {
            where.add("tenant = '" + tenant.replace("'", "\\'") + "'");
        }

        boolean timed = !grain.equals("all");
        Map<String, String> keys = new LinkedHashMap<>();
        if (timed) {
            keys.put("time", "toUnixTimestamp(" + bucket(grain, zone) + ")");
        }
        for (String group : groups) {
            keys.put(
                    group,
                    switch (group) {
                        case "measurement" -> "name";
                        case "status_code" -> "if(status_code = 0, NULL, status_code)";
                        case "attributes.region" -> "ifNull(attributes.region::Nullable(String), '')";
                        default -> group;
                    });
        }
        List<String> names = new ArrayList<>(keys.keySet());
        names.addAll(metrics);
        List<String> order = pick(random, names, random.nextInt(3)).stream()
                .map(name -> random.nextBoolean() ? "-" + name : name)
                .toList();
        int limit = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : QueryReader.MOST_ROWS;

        List<String> selected = new ArrayList<>();
        keys.forEach((name, expression) -> selected.add(expression + " AS `k_" + name + "`"));
        metrics.forEach(name -> selected.add(known.get(name) + " AS `k_" + name + "`"));
        StringBuilder sql = new StringBuilder("SELECT " + String.join(", ", selected) + " FROM " + STORE.database
                + ".reference FINAL"
                + (measurements ? " ARRAY JOIN mapKeys(measurements) AS name, mapValues(measurements) AS value" : "")
                + " WHERE " + String.join(" AND ", where));
        if (!keys.isEmpty()) {
            sql.append(" GROUP BY ")
                    .append(keys.keySet().stream()
                            .map(name -> "`k_" + name + "`")
                            .collect(Collectors.joining(", ")));
            List<String> ordered = new ArrayList<>(order.stream()
                    .map(name -> name.startsWith("-")
                            ? "`k_" + name.substring(1) + "` DESC NULLS LAST"
                            : "`k_" + name + "` ASC NULLS LAST")
                    .toList());
            keys.keySet().forEach(name -> ordered.add("`k_" + name + "` ASC NULLS LAST"));
            sql.append(" ORDER BY ").append(String.join(", ", ordered));
        }
        sql.append(
                " FORMAT JSONCompact SETTINGS prefer_column_name_to_alias = 1, output_format_json_quote_64bit_integers = 0");
        String text = "{\"select\":" + MAPPER.writeValueAsString(metrics) + ",\"from\":\"" + span[0] + "\",\"to\":\""
                + span[1]
                + "\",\"filter\":[" + String.join(",", json) + "],\"group_by\":" + MAPPER.writeValueAsString(groups)
                + ",\"grain\":\"" + grain + "\",\"order_by\":" + MAPPER.writeValueAsString(order) + ",\"limit\":"
                + limit
                + ",\"time_zone\":\"" + zone + "\"}";
        return new Question(text, sql.toString(), limit, new Caller("somebody", Role.ANALYST, tenant));
    }

    /** The conditions above are written with single quotes; a quote in a value is escaped. */
    private static String doubleQuoted(String json) {
        return json.replace("\\'", "\0").replace("'", "\"").replace("\0", "'");
    }

    private static String bucket(String grain, String zone) {
        String of = "(timestamp, '" + zone + "')";
        return switch (grain) {
            case "1m" -> "toStartOfMinute" + of;
            case "5m" -> "toStartOfFiveMinutes" + of;
            case "1h" -> "toStartOfHour" + of;
            case "1d" -> "toStartOfDay" + of;
            default -> "toDateTime(toStartOfYear" + of + ", '" + zone + "')";
        };
    }

    private static Instant[] span(Random random) {
        Instant[] ends = {end(random), end(random)};
        if (ends[0].equals(ends[1]) || random.nextInt(5) == 0) {
            return new Instant[] {Instant.EPOCH, NOW};
        }
        return ends[0].isBefore(ends[1]) ? ends : new Instant[] {ends[1], ends[0]};
    }

    private static Instant end(Random random) {
        Instant inside = day(random).plusMillis(random.nextInt(86_400_000));
        return switch (random.nextInt(8)) {
            case 0 -> inside;
            case 1, 2 -> inside.truncatedTo(ChronoUnit.HOURS);
            case 3 -> inside.truncatedTo(ChronoUnit.DAYS);
            case 4 -> Instant.parse("2026-01-01T00:00:00Z");
            case 5 -> Instant.parse("2025-01-01T00:00:00Z");
            case 6 -> Instant.parse("2026-02-01T00:00:00Z");
            default -> NOW;
        };
    }

    private static List<String> pick(Random random, List<String> from, int count) {
        List<String> rest = new ArrayList<>(from);
        List<String> picked = new ArrayList<>();
        while (picked.size() < count && !rest.isEmpty()) {
            picked.add(rest.remove(random.nextInt(rest.size())));
        }
        return picked;
    }

    private void compare(Queries queries, Question question) {
        Query query = reader.read(question.json().getBytes(java.nio.charset.StandardCharsets.UTF_8), question.caller())
                .query();
        Answer answer = queries.answer(question.caller(), query, () -> false);
        if (answer.meta().closed()) {
            // Asked again, it comes from memory.
            answer = queries.answer(question.caller(), query, () -> false);
            assertThat(answer.meta().cached()).isTrue();
            SEEN.merge("cached", 1, Integer::sum);
        }
        answer.meta().tables().forEach(table -> SEEN.merge(table, 1, Integer::sum));
        if (answer.meta().tables().size() > 1 && answer.meta().tables().contains("events")) {
            SEEN.merge("both", 1, Integer::sum);
        }
        if (!answer.meta().incomplete().isEmpty()) {
            SEEN.merge("incomplete", 1, Integer::sum);
            return;
        }
        List<List<@Nullable Object>> found = new ArrayList<>();
        answer.data().forEach(row -> {
            List<@Nullable Object> cells = new ArrayList<>();
            row.forEach((name, value) -> cells.add(
                    name.equals("time")
                            ? number(OffsetDateTime.parse((String) value).toEpochSecond())
                            : cell(value)));
            found.add(cells);
        });
        List<List<@Nullable Object>> expected = new ArrayList<>();
        MAPPER.readTree(STORE.query(question.sql())).get("data").forEach(row -> {
            List<@Nullable Object> cells = new ArrayList<>();
            row.forEach(value -> cells.add(cell(plain(value))));
            expected.add(cells);
        });
        assertThat(answer.meta().truncated())
                .as("-Dweir.answers.seed=%d\n%s", SEED, question.json())
                .isEqualTo(expected.size() > question.limit());
        Answer shown = answer;
        assertThat(found)
                .as(() -> "-Dweir.answers.seed=" + SEED + "\n" + question.json() + "\nis not\n" + question.sql() + "\n"
                        + shown.meta() + "\n" + queries.explain(question.caller(), query, () -> false))
                .isEqualTo(expected.subList(0, Math.min(question.limit(), expected.size())));
    }

    private static @Nullable Object plain(JsonNode value) {
        return value.isNull()
                ? null
                : value.isNumber()
                        ? value.numberValue()
                        : value.isBoolean() ? (Object) value.booleanValue() : value.stringValue();
    }

    private static @Nullable Object cell(@Nullable Object value) {
        return value instanceof Number number ? number(number) : value;
    }

    private static BigDecimal number(Number number) {
        return new BigDecimal(number.toString()).stripTrailingZeros();
    }
}

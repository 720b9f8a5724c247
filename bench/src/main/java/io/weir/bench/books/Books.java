package io.weir.bench.books;

import io.weir.bench.platform.ClickHouse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Closes the books of a platform that has come to rest: every record of the ingest topic is exactly one row of
 * {@code events} or {@code dead_letters}. It reads every record (committed ones only) and every row.
 *
 * <p>Memory: 8 bytes an id and side, and a bit an offset.
 */
public final class Books {

    private static final int OFFENDERS = 20;

    private static final String EVENTS = "weir.events";
    private static final String DEAD_LETTERS = "weir.dead_letters";

    /**
     * Where to look.
     *
     * @param ingestTopic what the source writes
     * @param storedTopics what the sinks read
     * @param merged whether ClickHouse could merge rows of the same id. Then a repeated event may be one row or several,
     *     and plain {@code count()} is checked for clients that never repeat only
     */
    public record Scope(
            String bootstrap, ClickHouse clickhouse, String ingestTopic, List<String> storedTopics, boolean merged) {}

    private final Scope scope;
    private final Lanes lanes;
    private final Claims claims;
    private final TopicReader topics;
    private final TableReader tables;

    public Books(Scope scope, Lanes lanes, Claims claims) {
        this.scope = scope;
        this.lanes = lanes;
        this.claims = claims;
        this.topics = new TopicReader(scope.bootstrap);
        this.tables = new TableReader(scope.clickhouse);
    }

    /** What stands on the ingest topic: its committed records, and their different ids. */
    public record Ingested(long records, long ids) {}

    /** Counts the ingest topic by reading it. */
    public static Ingested ingested(Scope scope) {
        IdHashes ids = new IdHashes();
        long records = new TopicReader(scope.bootstrap)
                .read(
                        scope.ingestTopic,
                        (id, source, topic, partition, offset) -> ids.add(IdHashes.hash(id, 0, id.length)));
        return new Ingested(records, ids.distinct());
    }

    /** Counts the different ids of both tables. */
    public static long distinctIdsOfRows(Scope scope) throws IOException {
        return scope.clickhouse.number("SELECT uniqExact(cityHash64(id)) FROM (SELECT id FROM " + EVENTS
                + " UNION ALL SELECT id FROM " + DEAD_LETTERS + ")");
    }

    /**
     * Reads both sides and compares them.
     *
     * @throws IOException if ClickHouse cannot be read
     * @throws org.apache.kafka.common.KafkaException if Kafka cannot be read
     */
    public List<Line> close() throws IOException {
        Tally ingested = new Tally();
        long records = topics.read(
                scope.ingestTopic,
                (id, source, topic, partition, offset) -> ingested.add(
                        lanes.of(id, 0, id.length, source, 0, source.length), IdHashes.hash(id, 0, id.length)));
        Offsets handedOn = new Offsets();
        for (String topic : scope.storedTopics) {
            topics.read(topic, (id, source, name, partition, offset) -> handedOn.add(name, partition, offset));
        }

        Tally stored = new Tally();
        Offsets places = new Offsets();
        Set<String> doubled = new LinkedHashSet<>();
        long[] doubledRows = {0};
        Sighting row = (id, source, topic, partition, offset) -> {
            stored.add(lanes.of(id, 0, id.length, source, 0, source.length), IdHashes.hash(id, 0, id.length));
            if (!places.add(topic, partition, offset)) {
                doubledRows[0]++;
                if (doubled.size() < OFFENDERS) {
                    doubled.add(new Offsets.Place(topic, partition, offset) + " id " + text(id));
                }
            }
        };
        long events = tables.read(EVENTS, "ifNull(toString(source), '')", row);
        long deadLetters = tables.read(DEAD_LETTERS, "''", row);
        long distinctByFinal = scope.clickhouse.number("SELECT count() FROM " + EVENTS + " FINAL")
                + scope.clickhouse.number("SELECT count() FROM " + DEAD_LETTERS + " FINAL");

        IdHashes onTopic = ingested.all();
        IdHashes inTables = stored.all();
        List<Line> lines = new ArrayList<>();
        lines.add(line(
                "No (topic, partition, offset) stands twice in the tables, without FINAL",
                doubledRows[0] == 0,
                List.copyOf(doubled),
                "%,d rows (%,d events, %,d dead letters), %,d of them a second time",
                events + deadLetters,
                events,
                deadLetters,
                doubledRows[0]));
        lines.addAll(sameIds(onTopic, inTables));
        lines.addAll(acceptedIds(inTables));
        lines.add(line(
                "count() with FINAL equals the distinct ids",
                distinctByFinal == inTables.distinct(),
                List.of(),
                "%,d by FINAL, %,d distinct ids",
                distinctByFinal,
                inTables.distinct()));
        for (String lane : claims.neverRepeated()) {
            lines.add(neverRepeated(lane, ingested.lane(lane), stored.lane(lane)));
        }
        for (Map.Entry<String, Long> counted : new TreeMap<>(claims.counted()).entrySet()) {
            lines.add(keyed(counted.getKey(), counted.getValue(), ingested, stored));
        }
        if (!scope.merged) {
            lines.add(line(
                    "Nothing was merged, so every record is a row of its own: plain count() equals the records",
                    records == events + deadLetters,
                    List.of(),
                    "%,d records, %,d rows",
                    records,
                    events + deadLetters));
            for (String topic : scope.storedTopics) {
                lines.add(everyRecordIsARow(topic, handedOn, places));
            }
        }
        lines.add(line(
                "Every answer counted exactly the well-formed events as accepted",
                claims.miscounted() == 0,
                List.of(),
                "%,d answers did not",
                claims.miscounted()));
        return lines;
    }

    private List<Line> sameIds(IdHashes onTopic, IdHashes inTables) throws IOException {
        IdHashes lost = onTopic.without(inTables);
        IdHashes invented = inTables.without(onTopic);
        return List.of(
                line(
                        "Every id on the ingest topic is in the tables",
                        lost.size() == 0,
                        onTheTopic(lost),
                        "%,d records, %,d distinct ids, %,d of them not in the tables",
                        onTopic.size(),
                        onTopic.distinct(),
                        lost.size()),
                line(
                        "Every id in the tables is on the ingest topic",
                        invented.size() == 0,
                        inTheTables(invented),
                        "%,d distinct ids, %,d of them not on the topic",
                        inTables.distinct(),
                        invented.size()));
    }

    private List<Line> acceptedIds(IdHashes inTables) throws IOException {
        List<Line> lines = new ArrayList<>();
        for (Map.Entry<String, IdHashes> accepted : new TreeMap<>(claims.accepted()).entrySet()) {
            IdHashes lost = accepted.getValue().without(inTables);
            lines.add(line(
                    "Every id that a producer was told is accepted is in the tables (" + accepted.getKey() + ")",
                    lost.size() == 0,
                    onTheTopic(lost),
                    "%,d accepted, %,d of them missing",
                    accepted.getValue().size(),
                    lost.size()));
        }
        return lines;
    }

    private Line neverRepeated(String lane, IdHashes onTopic, IdHashes inTables) {
        return line(
                "Where no client repeated itself, plain count() equals the records (" + lane + ")",
                onTopic.size() == inTables.size() && onTopic.distinct() == onTopic.size(),
                List.of(),
                "%,d records, %,d rows, %,d distinct ids",
                onTopic.size(),
                inTables.size(),
                onTopic.distinct());
    }

    private Line keyed(String lane, long events, Tally ingested, Tally stored) {
        int onTopic = ingested.lane(lane).distinct();
        int inTables = stored.lane(lane).distinct();
        return line(
                "Repeats with the same Idempotency-Key count once (" + lane + ")",
                inTables == events && onTopic == events,
                List.of(),
                "%,d events accepted, %,d records, %,d distinct ids on the topic, %,d in the tables",
                events,
                ingested.lane(lane).size(),
                onTopic,
                inTables);
    }

    private Line everyRecordIsARow(String topic, Offsets handedOn, Offsets places) {
        List<String> missing = handedOn.without(places, topic, OFFENDERS).stream()
                .map(Offsets.Place::toString)
                .toList();
        List<String> foreign = places.without(handedOn, topic, OFFENDERS).stream()
                .map(place -> place + " (a row without a record)")
                .toList();
        List<String> offenders = new ArrayList<>(missing);
        offenders.addAll(foreign);
        return line(
                "The stored offsets of " + topic + " are its committed ones",
                offenders.isEmpty(),
                offenders,
                "%,d records, %,d rows",
                handedOn.count(topic),
                places.count(topic));
    }

    private List<String> onTheTopic(IdHashes wanted) {
        List<String> found = new ArrayList<>();
        if (wanted.size() > 0) {
            topics.read(scope.ingestTopic, collect(wanted, found));
            if (found.isEmpty()) {
                found.add("none of them is on the ingest topic either");
            }
        }
        return found;
    }

    private List<String> inTheTables(IdHashes wanted) throws IOException {
        List<String> found = new ArrayList<>();
        if (wanted.size() > 0) {
            tables.read(EVENTS, "''", collect(wanted, found));
            tables.read(DEAD_LETTERS, "''", collect(wanted, found));
        }
        return found;
    }

    private static Sighting collect(IdHashes wanted, List<String> found) {
        return (id, source, topic, partition, offset) -> {
            if (found.size() < OFFENDERS && wanted.contains(IdHashes.hash(id, 0, id.length))) {
                found.add(text(id) + " at " + new Offsets.Place(topic, partition, offset));
            }
        };
    }

    private static String text(byte[] id) {
        return new String(id, StandardCharsets.UTF_8);
    }

    private static Line line(String rule, boolean holds, List<String> offenders, String format, Object... numbers) {
        return new Line(rule, String.format(Locale.ROOT, format, numbers), holds, offenders);
    }
}

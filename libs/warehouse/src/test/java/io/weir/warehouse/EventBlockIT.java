package io.weir.warehouse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.EventLimits;
import io.weir.event.EventReader;
import io.weir.event.Stage;
import io.weir.testing.ClickHouseServer;
import io.weir.warehouse.Warehouse.Compression;
import io.weir.warehouse.table.EventBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** What the block sends is what ClickHouse has after it has read the same JSON by itself. */
class EventBlockIT {

    private static final byte[] TOPIC = "topic".getBytes(UTF_8);

    private final ClickHouseServer server = ClickHouseServer.shared();
    private final Warehouse warehouse = new Warehouse(
            new WarehouseSettings(server.url(), server.username(), server.password(), server.freshDatabase(), ""));
    private final EventReader reader = new EventReader(EventLimits.DEFAULT, Stage.ENRICHED);
    private final EventBlock block = new EventBlock();

    EventBlockIT() throws InterruptedException {
        new Migrations(warehouse).apply();
    }

    @Property(tries = 30, shrinking = ShrinkingMode.OFF)
    void clickHouseReadsBackWhatItWouldHaveReadByItself(@ForAll Random random) {
        warehouse.query("TRUNCATE TABLE " + warehouse.table(Tables.EVENTS));
        List<String> events = new RandomEvents(random).some(1 + random.nextInt(400));

        fill(events);
        insert(block.sorted());

        assertSameAsReadByClickHouse(events);
    }

    @Example
    void morePathsThanABlockSplitsAreLeftToClickHouse() {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            events.add("{\"id\":\"e" + i
                    + "\",\"tenant\":\"t\",\"timestamp\":1700000000000,\"received_at\":1700000000000,\"attributes\":{\"same\":"
                    + i + ",\"own" + i + "\":{\"deep\":\"x\"}}}");
        }

        fill(events);
        insert(block.sorted());

        assertSameAsReadByClickHouse(events);
    }

    @Example
    void aBlockIsUsedAgainAfterRowsThatWereAbandoned() {
        List<String> events = new RandomEvents(new Random(7)).some(100);
        for (int round = 0; round < 3; round++) {
            warehouse.query("TRUNCATE TABLE " + warehouse.table(Tables.EVENTS));
            block.clear();
            for (int i = 0; i < events.size(); i++) {
                // Broken near its end, when all columns have been given their value.
                byte[] broken =
                        (events.get(i).substring(0, events.get(i).length() - 1) + ",\"zz\":[1,2],}").getBytes(UTF_8);
                assertThat(reader.read(broken, 0, broken.length, 0, block)).isNotNull();
                block.abandonRow();
                add(events.get(i), i);
            }
            insert(block.sorted());

            assertSameAsReadByClickHouse(events);
        }
    }

    @Example
    void integersBeyond64BitsBecomeTheNearestDouble() {
        fill(List.of("{\"id\":\"e\",\"tenant\":\"t\",\"timestamp\":1,\"received_at\":1,"
                + "\"attributes\":{\"big\":99999999999999999999}}"));
        insert(block.sorted());

        assertThat(warehouse
                        .query("SELECT attributes.big, dynamicType(attributes.big) FROM "
                                + warehouse.table(Tables.EVENTS))
                        .strip())
                .isEqualTo("100000000000000000000\tFloat64");
    }

    @Example
    void ofTwoValuesOfOnePathTheFirstStands() {
        fill(
                List.of(
                        "{\"id\":\"e\",\"tenant\":\"t\",\"timestamp\":1,\"received_at\":1,\"attributes\":{\"a\":{\"b\":1},\"a.b\":2}}"));
        insert(block.sorted());

        assertThat(warehouse
                        .query("SELECT attributes FROM " + warehouse.table(Tables.EVENTS))
                        .strip())
                .isEqualTo("{\"a\":{\"b\":1}}");
    }

    @Example
    void theOrderOfRowsIsTheTables() {
        fill(new RandomEvents(new Random(3)).some(500));
        insert(block.sorted());
        int[] order = block.sorted();
        StringBuilder ours = new StringBuilder();
        for (int row : order) {
            ours.append(block.id(row)).append('\n');
        }

        // One part a day, each in the order in which it was written; days do not come in order of the key.
        String theirs = warehouse.query("SELECT id FROM " + warehouse.table(Tables.EVENTS)
                + " ORDER BY tenant, type, toStartOfHour(timestamp), device_id, source, timestamp, id");

        assertThat(ours.toString()).isEqualTo(theirs);
    }

    @Example
    void columnsHaveTheTypesOfTheTable() {
        Map<String, String> ofTable = new java.util.HashMap<>();
        warehouse
                .query("SELECT name, type FROM system.columns WHERE table = 'events' AND database = '"
                        + warehouse.settings().database() + "'  FORMAT TSVRaw")
                .lines()
                .map(line -> line.split("\t"))
                .forEach(column -> ofTable.put(column[0], column[1]));
        assertThat(ofTable.remove(Tables.INGESTED_AT)).isNotNull();

        assertThat(block.block().columns())
                .allSatisfy(column -> assertThat(column.type().replace(" ", ""))
                        .as(column.name())
                        .isEqualTo(String.valueOf(ofTable.remove(column.name())).replace(" ", "")));
        assertThat(ofTable).as("columns that nobody fills").isEmpty();
    }

    private void fill(List<String> events) {
        block.clear();
        for (int i = 0; i < events.size(); i++) {
            add(events.get(i), i);
        }
    }

    private void add(String event, int offset) {
        byte[] json = event.getBytes(UTF_8);
        assertThat(reader.read(json, 0, json.length, 0, block)).as(event).isNull();
        assertThat(block.problem()).as(event).isNull();
        block.endRow(TOPIC, 3, offset);
    }

    private void insert(int[] order) {
        String id = UUID.randomUUID().toString();
        warehouse.insert(
                "INSERT INTO " + warehouse.table(Tables.EVENTS) + " ("
                        + block.block().names() + ") FORMAT Native",
                id,
                id,
                Map.of(),
                Compression.NONE,
                out -> block.block().writeTo(out, order, 0, order.length));
    }

    private void assertSameAsReadByClickHouse(List<String> events) {
        String oracle = warehouse.table("oracle");
        warehouse.query("DROP TABLE IF EXISTS " + oracle + " SYNC");
        warehouse.query("CREATE TABLE " + oracle + " AS " + warehouse.table(Tables.EVENTS));
        StringBuilder json = new StringBuilder();
        for (int i = 0; i < events.size(); i++) {
            json.append(events.get(i), 0, events.get(i).length() - 1)
                    .append(",\"_topic\":\"topic\",\"_partition\":3,\"_offset\":")
                    .append(i)
                    .append("}\n");
        }
        String names = block.block().names();
        String structure = block.block().structure().replace("DateTime64(3, 'UTC')", "Int64");
        String id = UUID.randomUUID().toString();
        warehouse.insert(
                "INSERT INTO " + oracle + " (" + names + ") SELECT "
                        + names.replace("received_at", "fromUnixTimestamp64Milli(received_at, 'UTC')")
                                .replace("timestamp,", "fromUnixTimestamp64Milli(timestamp, 'UTC'),")
                        + " FROM input('" + structure + "') FORMAT JSONEachRow",
                id,
                id,
                Map.of(),
                Compression.NONE,
                out -> out.write(json.toString().getBytes(UTF_8)));

        String rows = "SELECT "
                + names.replace("attributes", "attributes, JSONAllPathsWithTypes(attributes)")
                        .replace("measurements", "mapSort(measurements)")
                + " FROM %s ORDER BY _offset";
        assertThat(warehouse.query(rows.formatted(warehouse.table(Tables.EVENTS))))
                .isEqualTo(warehouse.query(rows.formatted(oracle)));
    }
}

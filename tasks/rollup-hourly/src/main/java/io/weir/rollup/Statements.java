package io.weir.rollup;

import io.weir.task.RunStatements;
import io.weir.warehouse.Tables;
import io.weir.warehouse.Warehouse;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.util.unit.DataSize;

/** The statements of this task, and how they name hours. */
final class Statements extends RunStatements {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    Statements(Warehouse warehouse, DataSize memory) {
        super(
                warehouse,
                "weir-rollup",
                Map.of(
                        "max_bytes_before_external_group_by",
                        Long.toString(memory.toBytes()),
                        "max_bytes_ratio_before_external_group_by",
                        "0"));
    }

    String events() {
        return table(Tables.EVENTS);
    }

    String cluster() {
        return warehouse().settings().cluster();
    }

    /** From milliseconds. */
    static Instant instant(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }

    /** As a parameter of type {@code DateTime}. */
    static String seconds(Instant time) {
        return SECONDS.format(time);
    }

    /** @param hour 0 to 23 */
    static Instant hour(LocalDate day, int hour) {
        return begin(day).plus(Duration.ofHours(hour));
    }

    /** A condition: the events of some of a day's hours. Its parts are what the partitions and what the key of the table know. */
    static String eventsOf(LocalDate day, List<Integer> hours) {
        return "timestamp >= " + literal(begin(day)) + " AND timestamp < " + literal(begin(day.plusDays(1)))
                + " AND toStartOfHour(timestamp) IN " + literals(day, hours);
    }

    /** A condition: the rows of hourly rollups of some of a day's hours. */
    static String rowsOf(LocalDate day, List<Integer> hours) {
        return "hour IN " + literals(day, hours);
    }

    private static String literals(LocalDate day, List<Integer> hours) {
        return hours.stream().map(hour -> literal(hour(day, hour))).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String literal(Instant time) {
        return "toDateTime('" + seconds(time) + "', 'UTC')";
    }

    static Instant begin(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}

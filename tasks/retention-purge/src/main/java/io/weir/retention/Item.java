package io.weir.retention;

import io.weir.metadata.retention.RetainedTable;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;

/**
 * What goes: a day of a table, or one tenant's rows of it.
 *
 * @param partition the day, such as {@code 20261001}
 * @param tenant empty for all rows; {@link #NOBODY} for those without a tenant
 * @param rows how many there were when it was planned
 * @param bytes how much they took on the disk; of a tenant, its share by rows
 */
record Item(RetainedTable table, String partition, String tenant, long rows, long bytes) {

    /** Stands for rows whose tenant is empty, as the manifest has the empty one for whole partitions. No tenant is called so. */
    static final String NOBODY = "-";

    static Item whole(RetainedTable table, String partition) {
        return new Item(table, partition, "", 0, 0);
    }

    static String partition(LocalDate day) {
        return day.format(DateTimeFormatter.BASIC_ISO_DATE);
    }

    static LocalDate day(String partition) {
        return LocalDate.parse(partition, DateTimeFormatter.BASIC_ISO_DATE);
    }

    /**
     * As {@code weir.retention.restore} names it: {@code events:2026-10-01} or {@code events:20261001}.
     *
     * @throws IllegalArgumentException naming the option
     */
    static Item named(String text) {
        String[] parts = text.split(":", 2);
        try {
            RetainedTable table = RetainedTable.of(parts[0]).orElseThrow(() -> refused(text));
            String day = parts.length < 2 ? "" : parts[1];
            return whole(table, partition(day.contains("-") ? LocalDate.parse(day) : day(day)));
        } catch (DateTimeParseException e) {
            throw refused(text);
        }
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("weir.retention.restore is " + text
                + "; it must be a table and a day, such as events:2026-10-01. Tables: "
                + java.util.Arrays.stream(RetainedTable.values())
                        .map(RetainedTable::table)
                        .toList());
    }

    boolean isWhole() {
        return tenant.isEmpty();
    }

    /** Which rows of the table. */
    String condition() {
        return "_partition_id = '" + partition + "'" + (isWhole() ? "" : " AND " + tenantCondition());
    }

    /** Which rows of the partition, of an item that is not whole. */
    String tenantCondition() {
        return "tenant = " + Statements.literal(tenant.equals(NOBODY) ? "" : tenant);
    }

    /** In the names of steps; short enough for Batch. */
    String key() {
        return table.table() + ":" + partition + (isWhole() ? "" : ":" + tenantInFiles());
    }

    /** The tenant as a part of a file's name. */
    String tenantInFiles() {
        if (tenant.matches("[a-z0-9][a-z0-9_]{0,39}")) {
            return tenant;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(tenant.getBytes(StandardCharsets.UTF_8));
            return "x-" + HexFormat.of().formatHex(hash, 0, 10);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** For the context of a job, where it outlives a restart. */
    String text() {
        return String.join(
                ":",
                table.table(),
                partition,
                URLEncoder.encode(tenant, StandardCharsets.UTF_8),
                Long.toString(rows),
                Long.toString(bytes));
    }

    static Item parse(String text) {
        String[] parts = text.split(":", -1);
        return new Item(
                RetainedTable.of(parts[0]).orElseThrow(),
                parts[1],
                URLDecoder.decode(parts[2], StandardCharsets.UTF_8),
                Long.parseLong(parts[3]),
                Long.parseLong(parts[4]));
    }

    /** For a person. */
    String describe() {
        return table.table() + " " + partition + (isWhole() ? "" : " of " + tenant) + " (" + rows + " rows, " + bytes
                + " bytes)";
    }
}

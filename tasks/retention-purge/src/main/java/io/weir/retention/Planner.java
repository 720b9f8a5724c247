package io.weir.retention;

import io.weir.metadata.retention.RetainedTable;
import io.weir.metadata.retention.Retention;
import io.weir.metadata.retention.RetentionHolds;
import io.weir.metadata.retention.RetentionPolicies;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Finds what is older than it is kept. */
final class Planner {

    private final Statements statements;
    private final RetentionPolicies policies;
    private final RetentionHolds holds;
    private final Rollups rollups;

    Planner(Statements statements, RetentionPolicies policies, RetentionHolds holds, Rollups rollups) {
        this.statements = statements;
        this.policies = policies;
        this.holds = holds;
        this.rollups = rollups;
    }

    /**
     * What to do.
     *
     * @param leftOut what ought to go and does not, for a person; empty for nothing
     */
    record Found(List<Item> items, List<String> leftOut) {}

    private record Part(String partition, long rows, long bytes) {}

    Found find() {
        LocalDate today = LocalDate.ofInstant(statements.now(), ZoneOffset.UTC);
        List<Item> items = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (RetainedTable table : RetainedTable.values()) {
            List<Item> found = find(table, policies.of(table), today);
            Map<String, String> undone = rollups.undone(
                    table, found.stream().map(Item::partition).distinct().toList());
            undone.forEach((partition, why) -> leftOut.add(table.table() + " " + partition + ": " + why));
            found.stream().filter(item -> !undone.containsKey(item.partition())).forEach(items::add);
        }
        return new Found(items, leftOut);
    }

    private List<Item> find(RetainedTable table, Retention retention, LocalDate today) {
        Set<String> held = holds.held(table, statements.now());
        Map<String, Part> parts = new TreeMap<>();
        statements
                .rows(
                        "SELECT partition_id, sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = '"
                                + statements.database() + "' AND table = '" + table.table()
                                + "' GROUP BY partition_id ORDER BY partition_id")
                .stream()
                .map(row -> new Part(row[0], Long.parseLong(row[1]), Long.parseLong(row[2])))
                .filter(part ->
                        !held.contains(part.partition()) && retention.mayBeOver(Item.day(part.partition()), today))
                .forEach(part -> parts.put(part.partition(), part));
        if (parts.isEmpty()) {
            return List.of();
        }
        Map<String, Map<String, Long>> tenants = new TreeMap<>();
        statements
                .rows("SELECT _partition_id, tenant, count() FROM " + statements.table(table.table())
                        + " WHERE _partition_id IN ("
                        + parts.keySet().stream().map(p -> "'" + p + "'").collect(Collectors.joining(", "))
                        + ") GROUP BY 1, 2 ORDER BY 1, 2")
                .forEach(row -> tenants.computeIfAbsent(row[0], partition -> new TreeMap<>())
                        .put(row[1], Long.parseLong(row[2])));
        List<Item> items = new ArrayList<>();
        tenants.forEach((partition, rows) -> {
            Part part = parts.get(partition);
            if (part == null) {
                return;
            }
            LocalDate day = Item.day(partition);
            long all = rows.values().stream().mapToLong(Long::longValue).sum();
            List<String> over = rows.keySet().stream()
                    .filter(tenant -> retention.isOver(tenant, day, today))
                    .toList();
            if (over.size() == rows.size()) {
                items.add(new Item(table, partition, "", all, part.bytes()));
            } else {
                over.forEach(tenant -> {
                    long count = rows.getOrDefault(tenant, 0L);
                    items.add(new Item(
                            table,
                            partition,
                            tenant.isEmpty() ? Item.NOBODY : tenant,
                            count,
                            Math.round((double) part.bytes() * count / all)));
                });
            }
        });
        return items;
    }
}

package io.weir.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import org.springframework.scheduling.support.CronExpression;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * When a task is to run.
 *
 * @param cron six fields, the first of them seconds
 * @param zone in which the expression is meant
 */
record Schedule(String name, String task, CronExpression cron, ZoneId zone, List<String> arguments) {

    /** @param expression five fields as in a CronJob, or six with seconds first */
    static Schedule of(String name, String task, String expression, String zone, String arguments) {
        String fields = expression.strip().split("\\s+").length == 5 ? "0 " + expression : expression;
        return new Schedule(
                name,
                task,
                CronExpression.parse(fields),
                ZoneId.of(zone),
                arguments.isBlank() ? List.of() : List.of(arguments.strip().split("\\s+")));
    }

    /** Those that the bootstrap wrote; none before it has. */
    static List<Schedule> read(Home home) {
        Path file = file(home);
        List<Schedule> schedules = new ArrayList<>();
        if (Files.exists(file)) {
            try {
                for (JsonNode node : JsonMapper.shared().readTree(Files.readString(file))) {
                    schedules.add(of(
                            node.path("name").asString(),
                            node.path("task").asString(),
                            node.path("expression").asString(),
                            node.path("zone").asString(),
                            node.path("arguments").asString()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return schedules;
    }

    static Path file(Home home) {
        return home.config("schedules.json");
    }

    /** The first time after that one; far in the future if there is none. */
    Instant next(Instant after) {
        ZonedDateTime next = cron.next(after.atZone(zone));
        return next == null ? Instant.MAX : next.toInstant();
    }
}

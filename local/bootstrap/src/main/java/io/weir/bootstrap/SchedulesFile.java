package io.weir.bootstrap;

import io.weir.bootstrap.script.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The schedules of a script as a JSON list, for a platform that launches tasks by itself; replaced as a whole. */
final class SchedulesFile {

    /** The property of {@code task schedule create} that says in which time zone the cron expression is meant. */
    static final String TIME_ZONE = "scheduler.weir.time-zone";

    private final Path file;
    private final List<Map<String, Object>> schedules = new ArrayList<>();

    SchedulesFile(Path file) {
        this.file = file;
    }

    void add(Command.TaskScheduleCreate schedule) {
        String zone = schedule.properties().getOrDefault(TIME_ZONE, "UTC");
        try {
            ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new BootstrapException(TIME_ZONE + " is '" + zone + "', which is no time zone");
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", schedule.name());
        entry.put("task", schedule.taskName());
        entry.put("expression", schedule.expression());
        entry.put("zone", zone);
        entry.put("arguments", schedule.arguments() == null ? "" : schedule.arguments());
        schedules.add(entry);
    }

    void write() {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, JsonMapper.shared().writeValueAsString(schedules));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new BootstrapException("the schedules cannot be written to " + file + ": " + e.getMessage(), e);
        }
    }
}

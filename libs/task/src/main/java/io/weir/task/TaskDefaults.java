package io.weir.task;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.LogLevel;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** What holds for every task unless its own configuration or Data Flow says otherwise. */
public final class TaskDefaults implements EnvironmentPostProcessor {

    private static final Map<String, Object> DEFAULTS = Map.ofEntries(
            Map.entry("spring.main.web-application-type", "none"),
            Map.entry("spring.main.banner-mode", "off"),
            // A run costs a start: what a job does not touch is not made.
            Map.entry("spring.main.lazy-initialization", "true"),
            Map.entry("spring.jmx.enabled", "false"),
            // JobRun runs the job: Boot's runner would leave exit code 0 to a failed one.
            Map.entry("spring.batch.job.enabled", "false"),
            // The tables are Data Flow's, and it makes them.
            Map.entry("spring.batch.jdbc.initialize-schema", "never"),
            Map.entry("spring.batch.jdbc.table-prefix", "BOOT3_BATCH_"),
            Map.entry("spring.cloud.task.initialize-enabled", "false"),
            Map.entry("spring.cloud.task.table-prefix", "BOOT3_TASK_"),
            Map.entry("logging.level.root", LogLevel.WARN.name()),
            Map.entry("logging.level.io.weir", LogLevel.INFO.name()));

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        environment.getPropertySources().addLast(new MapPropertySource("weirTaskDefaults", DEFAULTS));
    }
}

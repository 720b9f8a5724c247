package io.weir.task;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.exporter.pushgateway.Format;
import io.prometheus.metrics.exporter.pushgateway.PushGateway;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.step.StepExecution;

/**
 * What a run leaves behind in Prometheus, by a push gateway, in the group {@code job=<task>}: {@code weir_task_exit_code},
 * {@code weir_task_duration_seconds}, {@code weir_task_end_timestamp_seconds}, and by step {@code weir_task_items} that were
 * read, written and skipped.
 */
final class RunMetrics {

    private static final Logger LOG = LoggerFactory.getLogger(RunMetrics.class);

    private final String gateway;
    private final String task;

    /** @param gateway host and port; empty to push nothing */
    RunMetrics(String gateway, String task) {
        this.gateway = gateway;
        this.task = task;
    }

    /** Pushes what is to be known of a run; a gateway that is away costs a warning, not the run. */
    void push(JobExecution execution, TaskOutcome outcome) {
        if (gateway.isEmpty()) {
            return;
        }
        PrometheusRegistry registry = new PrometheusRegistry();
        gauge(registry, "weir_task_exit_code", "0 success, 1 failed, 3 partial").set(outcome.exitCode());
        gauge(registry, "weir_task_end_timestamp_seconds", "When the run ended")
                .set(System.currentTimeMillis() / 1000.0);
        if (execution.getStartTime() != null && execution.getEndTime() != null) {
            Duration took = Duration.between(execution.getStartTime(), execution.getEndTime());
            gauge(registry, "weir_task_duration_seconds", "How long the job took")
                    .set(took.toMillis() / 1000.0);
        }
        Gauge items = gauge(registry, "weir_task_items", "Items of the run", "step", "kind");
        for (StepExecution step : execution.getStepExecutions()) {
            // The parts of a step are as many as there are days: their sums are in the step.
            if (step.getStepName().indexOf(':') < 0) {
                items.labelValues(step.getStepName(), "read").set(step.getReadCount());
                items.labelValues(step.getStepName(), "written").set(step.getWriteCount());
                items.labelValues(step.getStepName(), "skipped").set(step.getSkipCount());
            }
        }
        try {
            PushGateway.builder()
                    .address(gateway)
                    .job(task)
                    .registry(registry)
                    .format(Format.PROMETHEUS_TEXT)
                    .build()
                    .pushAdd();
        } catch (IOException | RuntimeException e) {
            LOG.warn("The metrics of this run were not taken by the push gateway {}: {}", gateway, e.toString());
        }
    }

    private static Gauge gauge(PrometheusRegistry registry, String name, String help, String... labels) {
        return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
    }
}

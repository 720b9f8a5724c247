package io.weir.retention;

import io.weir.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The task, started once in this process on databases of its own, and its job run as often as a test likes. */
final class Task implements AutoCloseable {

    private static final AtomicLong RUNS = new AtomicLong(1000);

    private final PostgresServer postgres = PostgresServer.shared();
    private final Store store;
    private final String clickHouse;
    private final String executions = postgres.freshDataFlowDatabase();
    private final String metadata = postgres.freshDatabase();
    private final List<String> options;
    private final ConfigurableApplicationContext context;

    /** @param clickHouse the address of ClickHouse or of what stands before it */
    Task(Store store, String clickHouse, String... options) {
        this.store = store;
        this.clickHouse = clickHouse;
        this.options = List.of(options);
        context = new SpringApplication(RetentionPurge.class).run(arguments().toArray(String[]::new));
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.datasource.url=" + executions,
                "--spring.datasource.username=" + postgres.username(),
                "--spring.datasource.password=" + postgres.password(),
                "--weir.metadata.url=" + metadata,
                "--weir.metadata.username=" + postgres.username(),
                "--weir.metadata.password=" + postgres.password(),
                "--weir.clickhouse.url=" + clickHouse,
                "--weir.clickhouse.username=" + store.warehouse.settings().username(),
                "--weir.clickhouse.password=" + store.warehouse.settings().password(),
                "--weir.clickhouse.database=" + store.database,
                "--weir.task.lock-wait=60s",
                "--weir.retention.settle=0s"));
        // Once: what is given twice is joined with a comma.
        if (options.stream().noneMatch(option -> option.startsWith("--weir.retention.archive="))) {
            arguments.add("--weir.retention.archive=" + store.archive);
        }
        arguments.addAll(options);
        return arguments;
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** A run of its own. */
    JobExecution run(String... parameters) throws Exception {
        return runAs("run-" + RUNS.incrementAndGet(), parameters);
    }

    /** The run of that name, for the first time or once more. */
    JobExecution runAs(String name, String... parameters) throws Exception {
        JobParametersBuilder builder = new JobParametersBuilder().addString("run", name);
        for (String parameter : parameters) {
            builder.addString(parameter.split("=")[0], parameter.split("=")[1]);
        }
        JobExecution run = bean(JobOperator.class).start(bean(Job.class), builder.toJobParameters());
        // As it is stored, with the steps of partitions, which the one that is returned lacks.
        return Objects.requireNonNull(bean(JobRepository.class).getJobExecution(run.getId()));
    }

    /** A run that has to succeed. */
    JobExecution complete(String... parameters) throws Exception {
        JobExecution run = run(parameters);
        if (run.getStatus() != BatchStatus.COMPLETED) {
            throw new AssertionError(
                    "the run is " + run.getStatus() + ": " + failures(run),
                    run.getAllFailureExceptions().stream().findFirst().orElse(null));
        }
        return run;
    }

    static List<String> failures(JobExecution run) {
        return run.getStepExecutions().stream()
                .map(step -> step.getExitStatus().getExitDescription())
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** The task in a process of its own. */
    Process start(String... parameters) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                RetentionPurge.class.getName()));
        command.addAll(arguments());
        command.addAll(List.of(parameters));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Override
    public void close() {
        context.close();
    }
}

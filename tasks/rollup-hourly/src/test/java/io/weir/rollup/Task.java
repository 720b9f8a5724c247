package io.weir.rollup;

import io.weir.testing.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The task, started once in this process on tables of its own, and its job run as often as a test likes. */
final class Task implements AutoCloseable {

    private static final AtomicLong RUNS = new AtomicLong(1000);

    private final PostgresServer postgres = PostgresServer.shared();
    private final Store store;
    private final String clickHouse;
    final String url = postgres.freshDataFlowDatabase();
    private final ConfigurableApplicationContext context;

    /** @param clickHouse the address of ClickHouse or of what stands before it */
    Task(Store store, String clickHouse) {
        this.store = store;
        this.clickHouse = clickHouse;
        context = new SpringApplication(RollupHourly.class).run(arguments().toArray(String[]::new));
    }

    List<String> arguments() {
        return new ArrayList<>(List.of(
                "--spring.datasource.url=" + url,
                "--spring.datasource.username=" + postgres.username(),
                "--spring.datasource.password=" + postgres.password(),
                "--weir.clickhouse.url=" + clickHouse,
                "--weir.clickhouse.username=" + store.server.username(),
                "--weir.clickhouse.password=" + store.server.password(),
                "--weir.clickhouse.database=" + store.database,
                "--weir.task.lock-wait=60s",
                "--weir.rollup.settle=0s"));
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
        return context.getBean(JobOperator.class).start(context.getBean(Job.class), builder.toJobParameters());
    }

    @Override
    public void close() {
        context.close();
    }
}
